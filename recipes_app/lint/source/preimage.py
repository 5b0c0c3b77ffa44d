"""What the upstream files looked like where a series of patches touches them, worked out from the patches alone.

A recipe holds patches and no upstream source. Each hunk says what its surroundings are after it was applied, so the series
is walked backwards: a hunk's post-image is laid down, and the hunk is undone. What is left is the least that upstream must
have held for the series to apply; lines that no hunk shows are empty ones. No Django here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from recipes_app.limits import MAX_TREE_BYTES

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_FILLER = b"\n"
# More than any file that a patch of the Debian archive touches has; a line number is a stranger's word for "allocate this".
_MAX_LINES = 300_000
# Patches apply with an offset where the series was refreshed only in part; further off, the second mode is taken.
_MAX_OFFSET = 200
# An editor that strips a file's end takes empty context lines with it; dpkg-source and patch(1) forgive this many.
_MAX_LOST_LINES = 2
_GIT_ONLY = (b"GIT binary patch", b"rename from ", b"rename to ", b"copy from ", b"copy to ", b"Binary files ")


class UnsafePatch(Exception):
    """A patch names a path that leaves the source tree. Such a recipe is not built at all."""


class PreimageUnknown(Exception):
    """The pre-image cannot be worked out from the patches (binary patches, renames, hunks that contradict each other)."""


@dataclass
class Hunk:
    """One hunk: where its post-image starts (0-based), and the lines before and after it, each with its line end.

    `ends_file` is true where patch(1) takes it to match at the end of the file only: less context below than above.
    """

    start: int
    before: list[bytes] = field(default_factory=list)
    after: list[bytes] = field(default_factory=list)
    ends_file: bool = False


@dataclass
class FilePatch:
    """What one patch does to one file."""

    path: str
    creates: bool
    deletes: bool
    hunks: list[Hunk] = field(default_factory=list)


def preimages(patches: Sequence[bytes]) -> dict[str, bytes]:
    """Return the files that `patches`, applied in this order with `patch -p1`, need; by path.

    Raises UnsafePatch for a path that leaves the tree and PreimageUnknown where the patches do not tell.
    """
    parsed = [list(parse_patch(patch)) for patch in patches]
    files: dict[str, list[bytes | None]] = {}
    for patch in reversed(parsed):
        for each in reversed(patch):
            _undo(files, each)
    contents = {path: b"".join(_FILLER if line is None else line for line in lines) for path, lines in files.items()}
    if sum(map(len, contents.values())) > MAX_TREE_BYTES:
        raise PreimageUnknown(f"what the patches touch is larger than {MAX_TREE_BYTES} bytes")
    return contents


def _undo(files: dict[str, list[bytes | None]], patch: FilePatch) -> None:
    """Change `files` from what it holds after `patch` to what it holds before."""
    if patch.deletes and patch.path in files:
        raise PreimageUnknown(f"{patch.path} is deleted by one patch and touched by a later one")
    lines = files.setdefault(patch.path, [])
    placed: list[tuple[int, Hunk]] = []
    for hunk in patch.hunks:
        lowest = placed[-1][0] + len(placed[-1][1].after) if placed else 0
        start = _place(lines, hunk, lowest, patch.path)
        _lay_down(lines, hunk, start)
        placed.append((start, hunk))
    # From the last one up, so that the places of the others still hold.
    for start, hunk in reversed(placed):
        lines[start : start + len(hunk.after)] = hunk.before
    if patch.creates:
        if lines:
            raise PreimageUnknown(f"a later patch finds more in {patch.path} than the one that creates it puts there")
        del files[patch.path]


def _place(lines: list[bytes | None], hunk: Hunk, lowest: int, path: str) -> int:
    """Return the place nearest to the stated one, not above `lowest`, where the post-image contradicts nothing known."""
    for distance in range(_MAX_OFFSET + 1):
        for start in {hunk.start + distance, hunk.start - distance}:
            if start >= lowest and _fits(lines, hunk, start):
                return start
    raise PreimageUnknown(f"the patches contradict each other about {path}, line {hunk.start + 1}")


def _fits(lines: list[bytes | None], hunk: Hunk, start: int) -> bool:
    end = start + len(hunk.after)
    if end > _MAX_LINES:
        return False
    if hunk.ends_file and any(line is not None for line in lines[end:]):
        return False
    known = lines[start:end]
    if any(have is not None and have != want for have, want in zip(known, hunk.after, strict=False)):
        return False
    # A line without a line end is the last one of its file.
    return not (hunk.after and not hunk.after[-1].endswith(b"\n") and len(lines) > end)


def _lay_down(lines: list[bytes | None], hunk: Hunk, start: int) -> None:
    end = start + len(hunk.after)
    lines.extend([None] * (end - len(lines)))
    lines[start:end] = hunk.after
    if hunk.ends_file:
        del lines[end:]


def parse_patch(patch: bytes) -> Iterator[FilePatch]:
    """Yield what a unified diff does to each file, in its order; text between the diffs is passed over, as patch(1) does.

    Raises UnsafePatch and PreimageUnknown.
    """
    lines = patch.split(b"\n")
    # The end of the last line is no further, empty line.
    if lines and not lines[-1]:
        lines.pop()
    position = 0
    while position < len(lines):
        if lines[position].startswith(_GIT_ONLY):
            raise PreimageUnknown("the patch is binary, or renames or copies a file")
        header = lines[position].startswith(b"--- ") and position + 1 < len(lines) and lines[position + 1].startswith(b"+++ ")
        if not header:
            position += 1
            continue
        result = _file_patch(lines[position], lines[position + 1])
        position += 2
        while position < len(lines) and (match := _HUNK.match(lines[position])):
            hunk, position = _read_hunk(lines, position + 1, match)
            result.hunks.append(hunk)
        yield result


def _file_patch(old_header: bytes, new_header: bytes) -> FilePatch:
    old, new = _patched_path(old_header), _patched_path(new_header)
    path = new if new is not None else old
    if path is None:
        raise PreimageUnknown("a patch names /dev/null on both sides")
    return FilePatch(path=path, creates=old is None, deletes=new is None)


def _patched_path(header: bytes) -> str | None:
    """Return the path in a `---` or `+++` line with its first part stripped (-p1), None for /dev/null. Raises UnsafePatch."""
    name = header[4:].split(b"\t")[0].strip()
    if name == b"/dev/null":
        return None
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PreimageUnknown("a patch names a file whose name is not UTF-8") from error
    if not is_safe_path(text):
        raise UnsafePatch(f"a patch names {text!r}, which leaves the source tree")
    first, slash, rest = text.partition("/")
    return rest.lstrip("/") if slash else first


def is_safe_path(path: str) -> bool:
    """Whether a path that a stranger wrote stays below the folder it is relative to, and is a plain one."""
    parts = path.split("/")
    return bool(path) and not path.startswith(("/", '"')) and ".." not in parts and path.isprintable() and "\\" not in path


def _read_hunk(lines: list[bytes], position: int, match: re.Match[bytes]) -> tuple[Hunk, int]:
    """Return the hunk whose header was `match` and the position after it. Raises PreimageUnknown where it is cut off."""
    left_before = _number(match[2], default=1)
    left_after = _number(match[4], default=1)
    # "+0,0" and "+5,0" name the line before the place.
    hunk = Hunk(start=_number(match[3], default=1) - (1 if left_after else 0))
    kinds = bytearray()
    while left_before > 0 or left_after > 0:
        if position >= len(lines) and not left_before == left_after <= _MAX_LOST_LINES:
            raise PreimageUnknown("a hunk is shorter than its header says")
        line = (lines[position] if position < len(lines) else b"") or b" "
        kind, text = line[:1], line[1:] + b"\n"
        position += 1
        if kind == b"\\":
            _cut_line_end(hunk, kinds)
            continue
        if kind not in b" +-":
            raise PreimageUnknown(f"a line of a hunk starts with {kind!r}; a space, + or - was expected")
        kinds += kind
        if kind != b"+":
            hunk.before.append(text)
            left_before -= 1
        if kind != b"-":
            hunk.after.append(text)
            left_after -= 1
    if position < len(lines) and lines[position].startswith(b"\\"):
        _cut_line_end(hunk, kinds)
        position += 1
    above, below = len(kinds) - len(kinds.lstrip(b" ")), len(kinds) - len(kinds.rstrip(b" "))
    hunk.ends_file = below < above
    return hunk, position


def _cut_line_end(hunk: Hunk, kinds: bytearray) -> None:
    """Do what "\\ No newline at end of file" says about the line above it."""
    last = kinds[-1:]
    for side, sign in ((hunk.before, b"+"), (hunk.after, b"-")):
        if side and last != sign:
            side[-1] = side[-1].removesuffix(b"\n")


def _number(digits: bytes | None, *, default: int) -> int:
    if digits is None:
        return default
    if len(digits) > 9:
        raise PreimageUnknown("a hunk's line number has more than nine digits")
    return int(digits)
