"""The packages of a trial build are installed in a new room, their own tests run, and everything is destroyed.

Maintainer scripts run as root of the room: in a user namespace whose ids nobody on the machine has, without network, with eight
capabilities over that namespace alone, under the system call filter (`build_room.run_as_confined_root`). Tests run as the build's
user in the sandbox. No Django here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from recipes_app import limits as rules
from recipes_app.formats.autopkgtest import PATH as TESTS_PATH
from recipes_app.formats.autopkgtest import Test, parse_tests
from recipes_app.formats.package_effects import Effect
from recipes_app.formats.package_listing import Listing

from ..protocol.build_report import StepName, Steps, StepState
from ..protocol.report import clean_text
from ..sandbox.levels import SandboxUnavailable
from ..sandbox.sandbox import Room, run_sandboxed
from ..sandbox.seccomp import Calls
from ..sandbox.supervise import ProcessResult
from .build_room import JOB, ROOT, BuildRoom
from .pantry import CannotBeMet, Pantry, apt_says, put
from .trial_compile import LIMITS, OUTPUT, BuildFailed, last_complaint, name_user, source_files
from .trial_effects import files_with_rights

# Fixed texts: what varies goes in as arguments.
_UNPACK = 'cd /build && for each in *.dsc; do dpkg-source --no-check --extract "$each" source; done'
_SCRIPT = 'cd /build/source && mkdir -p /tmp/test && chmod +x -- "$1" && exec "./$1"'
_COMMAND = 'cd /build/source && mkdir -p /tmp/test && exec bash -ec "$1"'
_ENVIRONMENT = (
    "env",
    "AUTOPKGTEST_TMP=/tmp/test",
    "AUTOPKGTEST_ARTIFACTS=/tmp",
    "ADTTMP=/tmp/test",
    "DEBIAN_FRONTEND=noninteractive",
)
_SKIPPED = 77


@dataclass(frozen=True)
class Built:
    """What a build left: the room it lies in, and what is in its packages. `needed` are packages of other recipes."""

    room: BuildRoom
    listings: tuple[Listing, ...]
    needed: tuple[tuple[BuildRoom, Listing], ...] = ()


def install_and_test(
    pantry: Pantry, built: Built, tree: Mapping[str, bytes], user: int | None, steps: Steps
) -> frozenset[Effect]:
    """Install what was `built` and run its tests; return what was seen of rights in the installed system.

    Notes the steps. Raises BuildFailed where the packages cannot be installed or a test fails.
    """
    with pantry.new_room() as room:
        name_user(room, user)
        with steps.timed(StepName.INSTALL):
            rights = _install(pantry, room, built, steps)
        _test(pantry, room, built, tree, user, steps)
        return rights


def _install(pantry: Pantry, room: BuildRoom, built: Built, steps: Steps) -> frozenset[Effect]:
    if room.users is None:
        raise SandboxUnavailable(room.unconfined)
    own = [each for each in built.listings if each.is_installable]
    if not own:
        steps.note(StepName.INSTALL, StepState.SKIPPED, "there is no package that a user would install")
        return frozenset()
    paths = _lay_packages(room, built, own)
    wanted, chosen, left_out = _choose(pantry, room, own, paths)
    pantry.bring(room, wanted)
    if wanted:
        # Debian's own first, so that what is seen afterwards is the recipe's.
        before = pantry.apply(room, ["install", *wanted], hostile=True)
        if before.limit_hit or before.exit_status != 0:
            raise SandboxUnavailable(f"the dependencies could not be installed: {apt_says(before)}")
    known = files_with_rights(room)
    result = pantry.apply(room, ["install", *(paths[each.name] for each in chosen), *_needed_paths(built, paths)], hostile=True)
    if result.limit_hit or result.exit_status != 0:
        raise BuildFailed("packages-do-not-install", _complaint_of_dpkg(result), f"{_text(result)}\n{result.stderr_tail}")
    words = f"{len(chosen)} of its packages, {len(wanted)} of Debian's"
    if left_out:
        words += f"; not together with them: {', '.join(each.name for each in left_out)}"
    steps.note(StepName.INSTALL, StepState.PASSED, words)
    return files_with_rights(room) - known


def _lay_packages(room: BuildRoom, built: Built, own: Sequence[Listing]) -> dict[str, str]:
    """Copy the packages into the room's pool; return the path of each there, by its name."""
    paths = {}
    sources = [*((built.room, each) for each in own), *built.needed]
    for number, (source, each) in enumerate(sources):
        name = f"recipe-{number}.deb"
        put(room, name, source.path(OUTPUT) / each.file)
        paths[each.name] = f"/packages/{name}"
    return paths


def _needed_paths(built: Built, paths: Mapping[str, str]) -> list[str]:
    return [paths[each.name] for _, each in built.needed]


def _choose(
    pantry: Pantry, room: BuildRoom, own: Sequence[Listing], paths: Mapping[str, str]
) -> tuple[list[str], list[Listing], list[Listing]]:
    """Return the packages of Debian's that are wanted, those of the recipe's that go together, and the others.

    All of them where apt can; else as many as go together, the rest looked at alone. Raises BuildFailed where one cannot be
    installed even so.
    """
    others = [path for name, path in paths.items() if name not in {each.name for each in own}]
    try:
        return pantry.plan(room, ["install", *(paths[each.name] for each in own), *others], hostile=True), list(own), []
    except CannotBeMet as error:
        if len(own) == 1:
            raise BuildFailed("packages-do-not-install", str(error), error.log) from error
    wanted: list[str] = []
    chosen: list[Listing] = []
    left_out: list[Listing] = []
    for each in own:
        try:
            wanted = pantry.plan(room, ["install", *(paths[one.name] for one in (*chosen, each)), *others], hostile=True)
            chosen.append(each)
        except CannotBeMet:
            left_out.append(each)
    for each in left_out:
        try:
            pantry.plan(room, ["install", paths[each.name], *others], hostile=True)
        except CannotBeMet as error:
            raise BuildFailed("packages-do-not-install", f"{each.name}: {error}", error.log) from error
    return wanted, chosen, left_out


def _test(pantry: Pantry, room: BuildRoom, built: Built, tree: Mapping[str, bytes], user: int | None, steps: Steps) -> None:
    content = tree.get(TESTS_PATH)
    if content is None:
        steps.note(StepName.TESTS, StepState.SKIPPED, "the recipe has no debian/tests/control")
        return
    with steps.timed(StepName.TESTS):
        try:
            tests = parse_tests(content)
        except ValueError as error:
            raise BuildFailed("package-tests-failed", clean_text(str(error), 500)) from error
        skipped = [f"{each.name}: skipped, {each.obstacle}" for each in tests if each.obstacle]
        runnable = [each for each in tests if not each.obstacle]
        if not runnable:
            steps.note(StepName.TESTS, StepState.SKIPPED, "none of its tests can run here", tuple(skipped))
            return
        _prepare_tests(pantry, room, built, runnable, user)
        said, failed = _run_tests(room, runnable, user)
        words = f"{sum('passed' in each for each in said)} of {len(tests)} tests passed"
        steps.note(StepName.TESTS, StepState.FAILED if failed else StepState.PASSED, words, tuple(said + skipped))
        if failed:
            raise BuildFailed("package-tests-failed", "; ".join(failed), "\n".join(said))


def _prepare_tests(pantry: Pantry, room: BuildRoom, built: Built, tests: Sequence[Test], user: int | None) -> None:
    """Install what the tests need besides, and unpack the source tree that they run in."""
    depends = sorted({relation for test in tests for relation in test.depends if not relation.startswith("@")})
    if depends:
        try:
            result = pantry.install(room, ["satisfy", "--", *depends], hostile=True)
        except CannotBeMet as error:
            raise BuildFailed("package-tests-failed", f"what the tests depend on cannot be had: {error}", error.log) from error
        if result.limit_hit or result.exit_status != 0:
            raise SandboxUnavailable(f"what the tests depend on could not be installed: {apt_says(result)}")
    for name in source_files(built.room):
        _copy_source(built.room, room, name, user)
    result = _in_sandbox(room, ["/bin/sh", "-c", _UNPACK], user, rules.BUILD_TEST_SECONDS)
    if result.limit_hit or result.exit_status != 0:
        raise SandboxUnavailable(f"the source tree could not be unpacked for the tests: {last_complaint(result)}")


def _copy_source(source: BuildRoom, target: BuildRoom, name: str, user: int | None) -> None:
    """Copy a file of the source package into the folder of the tests' user, in which nothing has run yet."""
    reading = os.open(source.path(OUTPUT) / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    path = target.path(JOB) / name
    with os.fdopen(reading, "rb") as file, path.open("xb") as copy:
        left = rules.BUILD_FILE_BYTES
        while left > 0 and (chunk := file.read(min(rules.MIB, left))):
            copy.write(chunk)
            left -= len(chunk)
    if user is not None:
        os.chown(path, user, user)
        os.chown(target.path(JOB), user, user)


def _run_tests(room: BuildRoom, tests: Sequence[Test], user: int | None) -> tuple[list[str], list[str]]:
    """Return what is to be said of each test, and of those that failed."""
    deadline = time.monotonic() + rules.BUILD_TESTS_SECONDS
    said, failed = [], []
    for test in tests:
        left = min(rules.BUILD_TEST_SECONDS, deadline - time.monotonic())
        if left <= 0:
            said.append(f"{test.name}: skipped, the time for all tests is used up")
            continue
        word = _verdict(test, _run_test(room, test, user, left))
        line = f"{test.name}: {word}"
        said.append(line)
        if word.startswith("failed") and "flaky" not in test.restrictions:
            failed.append(line)
    return said, failed


def _run_test(room: BuildRoom, test: Test, user: int | None, seconds: float) -> ProcessResult:
    script, argument = (_COMMAND, test.command) if test.command else (_SCRIPT, f"{test.folder}/{test.name}")
    return _in_sandbox(room, [*_ENVIRONMENT, "/bin/sh", "-c", script, "test", argument], user, seconds)


def _in_sandbox(room: BuildRoom, command: Sequence[str], user: int | None, seconds: float) -> ProcessResult:
    room.require_plain_folders()
    sandbox_room = Room(
        root=("--ro-bind", str(ROOT), "/"),
        binds=("--tmpfs", "/run", "--remount-ro", "/run", "--bind", str(JOB), "/build"),
        calls=Calls.BUILD,
        folder="/build",
        entrance=room.entrance,
    )
    return run_sandboxed(command, limits=replace(LIMITS, wall_seconds=seconds), room=sandbox_room, user=user)


def _verdict(test: Test, result: ProcessResult) -> str:
    """Return how a test ended: exit status 0 and, without allow-stderr, nothing on the standard error (README.package-tests)."""
    if result.limit_hit:
        return f"failed: {result.limit_hit}"
    if result.exit_status == _SKIPPED and "skippable" in test.restrictions:
        return "skipped by itself"
    if result.exit_status != 0:
        return f"failed with status {result.exit_status}: {last_complaint(result)}"
    if result.stderr_tail.strip() and "allow-stderr" not in test.restrictions:
        return f"failed: it wrote on the standard error: {last_complaint(result)}"
    return "passed, superficial" if "superficial" in test.restrictions else "passed"


def _text(result: ProcessResult) -> str:
    return result.stdout.decode("utf-8", "replace")[-rules.LINT_LOG_BYTES :]


def _complaint_of_dpkg(result: ProcessResult) -> str:
    """Return what dpkg says of the package that it could not install."""
    if result.limit_hit:
        return f"the installation was stopped: {result.limit_hit}"
    lines = [line.strip() for line in f"{_text(result)}\n{result.stderr_tail}".splitlines() if line.strip()]
    telling = [
        line for line in lines if "dpkg: error" in line or line.startswith(("subprocess ", "installed ", "E: ", "cannot "))
    ]
    said = [line.removeprefix("installed ") for line in lines if "maintainer script" in line or "script subprocess" in line]
    return clean_text("; ".join(dict.fromkeys(telling[:2] + said[:2])) or f"apt ended with status {result.exit_status}", 500)
