"""The ways in: a push, with the real git and the real hook; the runner, whole; and its code without what stands before."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from recipes_app.formats.recipe import parse_recipe
from recipes_app.limits import GIT_CPU_SECONDS, GIT_MEMORY_BYTES, GIT_WALL_SECONDS, MAX_REPOSITORY_BYTES, MIB
from recipes_app.lint.protocol.assignment import Assignment
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.lint.protocol.stages import Stage
from recipes_app.lint.runner import FetchedRecipe, RunnerError, run_assignment, run_stage
from recipes_app.lint.sandbox.supervise import ParentLimits, supervise
from recipes_app.lint.source.check import Identity, lint_tree
from recipes_app.repos.gitconfig import environment, push_environment
from recipes_app.repos.pktline import BAND_DATA, FLUSH, FramingError, packet, read_packets
from recipes_app.repos.reflog import NO_COMMIT

from .case import NAME, Material

_LIMITS = ParentLimits(wall_seconds=GIT_WALL_SECONDS, output_bytes=MIB, log_bytes=MIB, memory_bytes=2 * GIT_MEMORY_BYTES)
# What the transports put on git (gitconfig.restrain).
_RESTRAINED = (
    "prlimit", f"--cpu={GIT_CPU_SECONDS}", f"--as={GIT_MEMORY_BYTES}", f"--fsize={MAX_REPOSITORY_BYTES}", "--core=0", "--", "git",
)  # fmt: skip


def push(material: Material, target: Path) -> list[str]:
    """Push into the bare repository `target`; return the lines that the user's git shows. Empty: it was taken."""
    assert material.pack is not None
    update = f"{NO_COMMIT} {material.commit} refs/heads/main\0report-status side-band-64k\n".encode()
    said = supervise(
        [*_RESTRAINED, "receive-pack", str(target)],
        limits=_LIMITS,
        stdin=b"".join([packet(update), FLUSH, *material.pack.chunks()]),
        environment=push_environment("mallory", NAME, may_rewrite=False),
    )
    assert not said.limit_hit, said
    bands: dict[int, bytes] = {}
    for payload in _after_advertisement(said.stdout):
        bands[payload[0]] = bands.get(payload[0], b"") + payload[1:]
    if b"ok refs/heads/main" in bands.pop(BAND_DATA, b""):
        return []
    lines = b"\n".join([*bands.values(), said.stderr_tail.encode()]).decode("utf-8", "replace").splitlines()
    return [line for line in lines if line]


def _after_advertisement(output: bytes) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as stream:
        stream.write(output)
        stream.seek(0)
        packets = read_packets(stream)
        for payload in packets:
            if payload is None:
                break
        try:
            yield from (payload for payload in packets if payload)
        except FramingError:
            # git died in the middle of a word.
            return


def new_repository(folder: Path) -> Path:
    """Make an empty bare repository in `folder`, as the store does."""
    command = ["git", "init", "--quiet", "--bare", "--template=", "--", str(folder)]
    subprocess.run(command, env=environment(), check=True, capture_output=True)
    return folder


def careless_repository(material: Material, folder: Path) -> Path:
    """Make a repository of a server that checks nothing, and that the runner is sent to."""
    assert material.pack is not None
    new_repository(folder)
    pack = folder / "hostile.pack"
    with pack.open("wb") as file:
        file.writelines(material.pack.chunks())
    command = [*_RESTRAINED, "--git-dir", str(folder), "index-pack", "--threads=1", str(pack)]
    pack.rename(pack := folder / "objects/pack/pack-hostile.pack")
    command[-1] = str(pack)
    subprocess.run(command, env=environment(), check=True, capture_output=True)
    (folder / "refs/heads/main").write_text(f"{material.commit}\n")
    return folder


def run_whole(material: Material, repository: Path, stage: Stage = Stage.SOURCE_LINT) -> LintReport:
    """Let the runner do its work: fetch from `repository`, look, judge."""
    url = f"file://{repository}"
    return run_assignment(Assignment(1, stage, url, material.commit, NAME), protocols=["file"])


def run_direct(tree: Mapping[str, bytes], stage: Stage) -> LintReport:
    """Give a tree to the runner's code, past git and all rules about what it may bring."""
    try:
        return run_stage(stage, FetchedRecipe(dict(tree), frozenset({"debian/rules"})), facts={})
    except RunnerError as error:
        return LintReport(Outcome.ERROR, error=str(error))


def run_full(tree: Mapping[str, bytes], files: Mapping[str, bytes], folder: Path) -> LintReport:
    """Give a recipe and upstream's files to the source lint, mode `full`."""
    metadata = parse_recipe(tree).metadata
    assert metadata is not None
    paths = {name: folder / name for name in files}
    for name, path in paths.items():
        path.write_bytes(files[name])
    try:
        identity = Identity(metadata.source, metadata.version, [each.name for each in metadata.binaries], metadata.fetches)
        return lint_tree(tree, identity, executables={"debian/rules"}, files=paths)
    finally:
        for path in paths.values():
            path.unlink()
