"""Trial builds for real: a base from the mirror, Debian's own build tools, hostile debian/rules; and that nothing built remains.

The base is made once for the session, which takes a minute or two.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from recipes_app.limits import MIB
from recipes_app.lint.build import bases
from recipes_app.lint.build.fetching import Fetcher
from recipes_app.lint.build.trial_build import LIMITS, Checkout, fetch_and_build, trial_build
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.lint.source.check import Identity
from recipes_app.models import LintJob, Rank
from recipes_app.services.lint import jobs
from tests.factories import make_user, publish_recipe, recipe_tree, write_tree
from tests.lint.building import native, sleeping, wait_for
from tests.lint.built import DEB_MAGIC, built_files

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("trial-build"), pytest.mark.usefixtures("base")]

ROOT = Path(__file__).resolve().parents[3]
HURRIED = replace(LIMITS, wall_seconds=20, processes=64, memory_bytes=512 * MIB)
NATIVE = Identity("hello-dur", "1.0", ["hello-dur"])


def build(tree: Mapping[str, bytes], identity: Identity = NATIVE, **arguments: Any) -> LintReport:
    return trial_build(Checkout(tree, identity), **{"files": {}, "suite": "bookworm", **arguments})


def failure(report: LintReport) -> str:
    """The tag of the only hint of a recipe that does not build."""
    assert report.state is Outcome.FAILED, report.error
    (hint,) = report.hints
    assert (hint.origin, hint.severity) == ("trial-build", "error")
    return hint.tag


def test_an_example_builds_and_lintian_looks_at_its_packages(base: bases.Base) -> None:
    folder = ROOT / "examples/deb-largest"
    tree = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    report = build(tree, Identity("deb-largest", "1.1", ["deb-largest"]))
    assert (report.state, report.error) == (Outcome.PASSED, "")
    assert (report.tool, report.mode, report.stage, report.suite) == ("lintian", "built", "trial-build", "bookworm")
    assert {hint.package for hint in report.hints} == {"src:deb-largest", "deb-largest"}
    assert report.log.startswith(f"Base: bookworm of {base.made[:10]}, {base.sha256[:12]}\n")
    assert "dpkg-deb: building package 'deb-largest'" in report.log
    assert [(step.name, step.state) for step in report.steps] == [
        ("dependencies", "passed"), ("build", "passed"), ("lint", "passed"), ("install", "passed"), ("tests", "passed"),
        ("rebuild", "passed"),
    ]  # fmt: skip
    assert report.effects is not None
    assert report.effects.brings_nothing_as_root
    assert [(each.name, each.version) for each in report.effects.packages] == [("deb-largest", "1.1+cdur1")]


def test_files_of_the_manifest_are_upstreams_sources_and_components(tmp_path: Path) -> None:
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello/main.txt").write_text("upstream\n")
    subprocess.run(["tar", "-czf", "orig", "hello"], cwd=tmp_path, check=True)
    (tmp_path / "words").write_text("wrapped\n")
    (tmp_path / "more.txt").write_text("more\n")
    subprocess.run(["tar", "-cJf", "part", "more.txt"], cwd=tmp_path, check=True)
    part = "other_2.orig-more.tar.xz"
    files = {"x.tgz": tmp_path / "orig", "words.txt": tmp_path / "words", part: tmp_path / "part"}
    pins = {name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size) for name, path in files.items()}
    manifest = "Format: 1\nSource: hello-dur\n"
    roles = {"x.tgz": "Role: orig", "words.txt": "Role: component\nWrap: data/in", part: "Role: component"}
    for name, role in roles.items():
        manifest += f"\nFetch: {name}\nURL: https://example.org/{name}\nSHA256: {pins[name][0]}\nSize: {pins[name][1]}\n{role}\n"
    tree = native("grep upstream main.txt\ngrep wrapped data/in/words.txt\ngrep more more/more.txt", **{"debian/dur": manifest})
    tree["debian/changelog"] = recipe_tree()["debian/changelog"]
    tree["debian/source/format"] = b"3.0 (quilt)\n"
    report = build(tree, Identity("hello-dur", "1.0-1", ["hello-dur"]), files=files)
    assert (report.state, report.error) == (Outcome.PASSED, ""), report.log


def test_a_missing_file_of_the_manifest_is_named() -> None:
    pin = f"\nFetch: x.tar.gz\nURL: https://example.org/x\nSHA256: {'0' * 64}\nSize: 1\nRole: extra\n"
    report = build(native(**{"debian/dur": f"Format: 1\nSource: hello-dur\n{pin}"}))
    assert (report.state, report.error) == (
        Outcome.ERROR,
        "debian/dur: x.tar.gz was not fetched, and without it there is no build",
    )


def test_a_file_that_needs_acceptance_is_not_fetched_and_the_report_says_so(tmp_path: Path) -> None:
    folder = ROOT / "examples/nvidia-nvtx-cu12"
    tree = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    recipe = Checkout(tree, Identity("nvidia-nvtx-cu12", "1"))
    report = fetch_and_build(recipe, suite="bookworm", fetcher=Fetcher(tmp_path / "cache"))
    assert report.state is Outcome.ERROR
    assert "is fetched only by who accepts its licence" in report.error
    assert not (tmp_path / "cache").exists()


def test_build_dependencies_are_installed() -> None:
    report = build(native("figlet -v | head -1", ", figlet"))
    assert (report.state, report.error) == (Outcome.PASSED, ""), report.log


def test_build_dependencies_that_cannot_be_met_are_a_failure_of_the_recipe_that_names_them() -> None:
    report = build(native(build_depends=", libdoes-not-exist-dev"))
    assert failure(report) == "build-depends-cannot-be-met"
    assert "libdoes-not-exist-dev" in report.hints[0].context


def test_without_a_base_the_report_says_how_to_make_one() -> None:
    report = build(native(), suite="trixie")
    assert report.state is Outcome.ERROR
    assert "run `python -m recipes_app.lint.build.prepare_base trixie`" in report.error


def test_a_build_that_fails_is_told_with_its_last_complaint_and_its_log() -> None:
    report = build(native("echo this is wrong >&2; exit 3"))
    assert failure(report) == "trial-build-failed"
    assert "this is wrong" in report.log


def test_a_build_has_no_network() -> None:
    connect = (
        'use IO::Socket::INET; print STDERR IO::Socket::INET->new(PeerAddr => "192.0.2.1:80") ? "REACHED" : "no: $$@ $$!"; exit 1'
    )
    report = build(native(f"perl -e '{connect}'"))
    assert failure(report) == "trial-build-failed"
    assert "no: " in report.log
    assert "Address family not supported by protocol" in report.log, report.log


def test_a_build_that_never_ends_is_stopped() -> None:
    report = build(native("sleep 1000 & setsid sleep 1000"), limits=replace(HURRIED, wall_seconds=15))
    assert failure(report) == "trial-build-stopped"
    assert report.hints[0].context == "the build was stopped: it took too long"


def test_a_fork_bomb_in_rules_stays_inside() -> None:
    report = build(native("perl -e 'while (1) { fork() }'"), limits=HURRIED)
    assert failure(report) in ("trial-build-stopped", "trial-build-failed")
    assert build(native()).state is Outcome.PASSED


def test_rules_that_write_outside_find_nothing_to_write_to(base: bases.Base, tmp_path: Path) -> None:
    bait = tmp_path / "bait"
    bait.write_text("x")
    places = ["/", "/usr", "/etc", "/var/lib/dpkg", "/run", "/dev", "/root", "/opt", "/srv", str(tmp_path), str(base.root)]
    tries = "\n".join(f"if touch {place}/planted; then echo WRITTEN IN {place}; fi" for place in places)
    report = build(native(f"{tries}\nif test -e {bait}; then echo SEEN; fi\ncat /etc/shadow && echo SHADOW SEEN; true"))
    assert report.state is Outcome.PASSED, report.log
    said = [line for line in report.log.splitlines() if line.startswith(("WRITTEN", "SEEN", "SHADOW"))]
    assert said == []
    assert not (base.root / "planted").exists()


def test_a_runner_that_is_killed_takes_its_build_along(tmp_path: Path) -> None:
    marker = f"4323.{os.getpid()}"
    write_tree(native(f"sleep {marker}"), tmp_path)
    script = textwrap.dedent(
        """
        import pathlib, sys
        from recipes_app.lint.source.check import Identity
        from recipes_app.lint.build.trial_build import Checkout, trial_build
        folder = pathlib.Path(sys.argv[1])
        tree = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        trial_build(Checkout(tree, Identity("hello-dur", "1.0", ["hello-dur"])), files={}, suite="bookworm")
        """
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT) as runner:
        wait_for(lambda: sleeping(marker) or runner.poll() is not None, 120)
        assert runner.poll() is None
        runner.kill()
    wait_for(lambda: not sleeping(marker))


def test_nothing_that_was_built_stays_on_a_disk(tmp_path: Path) -> None:
    """The build makes a marker that stands nowhere in the recipe, and puts it into its package and wherever it can write."""
    started = time.time()
    seed = secrets.token_hex()
    marker = hashlib.sha256(seed.encode()).hexdigest()
    plant = f"@printf %s {seed} | sha256sum | cut -c1-64 > marker; for f in /tmp /dev/shm /build; do cp marker $$f/planted; done"
    report = build(native(plant, **{"debian/install": "marker usr/share/hello-dur\n"}))
    assert (report.state, report.error) == (Outcome.PASSED, ""), report.log
    assert "building package 'hello-dur'" in report.log
    assert marker not in str(report.to_json())
    folders = [Path(each) for each in ("/tmp", "/var/tmp", "/run", "/dev/shm", "/var/lib", "/var/cache")]
    folders += [bases.bases_folder(), tmp_path.parent, Path(os.environ.get("PORTAL_DATA", tmp_path))]
    control = tmp_path / "control"
    control.write_text(marker)
    assert built_files(folders, marker.encode(), since=started) == [control]


@pytest.mark.django_db(transaction=True)
def test_nothing_that_was_built_can_be_reached_by_any_route(client: Client, tmp_path: Path, settings: Any) -> None:
    """As an administrator, who sees the most: every page with the build's report there, and guesses at its files' names."""
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    seed = secrets.token_hex()
    marker = hashlib.sha256(seed.encode()).hexdigest()
    tree = native(f"@printf %s {seed} | sha256sum | cut -c1-64 > marker", **{"debian/install": "marker usr/share/hello-dur\n"})
    recipe = publish_recipe(tree, make_user("ada", rank=Rank.ADMINISTRATOR))
    revision = recipe.revisions.get()
    report = build(tree)
    assert report.state is Outcome.PASSED, report.error
    job = LintJob.objects.create(revision=revision, stage=report.stage, mode=report.mode, suite=report.suite)
    assert jobs.record_report(job.pk, report.to_json())
    client.force_login(recipe.maintainer)
    client.raise_request_exception = False
    answered = 0
    for url in routes(recipe.name, revision.commit, job.pk):
        response = client.get(url)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        answered += response.status_code == 200
        assert DEB_MAGIC not in content, url
        assert marker.encode() not in content, url
        assert response.status_code != 200 or not url.endswith(".deb"), url
        assert "debian.binary-package" not in response.headers.get("Content-Type", ""), url
    assert answered > 40


def routes(name: str, commit: str, job: int) -> Iterator[str]:
    """Every route of the site that GET may answer, with this recipe's values, and with a package's name at its end."""
    values = {
        "name": name,
        "commit": commit,
        "old": commit,
        "new": commit,
        "username": "ada",
        "job_id": str(job),
        "tag": "no-manual-page",
    }
    values |= {"path": "debian/control", "rest": "debian/control", "key": "1"}
    for route in all_routes(get_resolver().url_patterns):
        filled = re.sub(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)", lambda match: values.get(match[1] or match[2], "1"), route)
        url = "/" + re.sub(r"[\^$\\]|\\Z", "", filled)
        yield url
        yield f"{url.rstrip('/')}/{name}_1.0_all.deb"


def all_routes(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from all_routes(each.url_patterns, before + str(each.pattern))
        elif "logout" not in str(each.pattern):
            yield before + str(each.pattern)


def test_bases_are_checked_by_name() -> None:
    with pytest.raises(bases.BaseUnavailable, match="is no name of a suite"):
        bases.current("../../etc")


def test_a_new_base_takes_the_place_of_the_last_and_the_one_before_goes(tmp_path: Path) -> None:
    for name in ("1", "2", "3"):
        (tmp_path / name).mkdir()
        bases._make_current(tmp_path, tmp_path / name)
    assert (tmp_path / "current").resolve() == tmp_path / "3"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["2", "3", "current"]


def test_a_mirror_that_does_not_answer_makes_no_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bases.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(bases.MIRROR_VARIABLE, "http://127.0.0.1:9/debian")
    with pytest.raises(bases.BaseUnavailable, match="mmdebstrap made no base: "):
        bases.prepare("bookworm")
    assert list((tmp_path / "bookworm").iterdir()) == []
