"""Lists binary packages, inside the sandbox: control fields, scripts, and each file with its checksum, as JSON.

This file's text runs by the system's Python (`python3 -I -S -c TEXT FILE …`): it imports nothing of ours. The packages are
hostile, so nothing is unpacked: dpkg-deb's two archives are read as streams. `formats.package_listing` reads what is printed.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
from typing import IO, Any

MAX_ENTRIES = 60_000
MAX_CONTROL = 1024 * 1024
MAX_TEXT = 4_000
RELATIONS = ("Pre-Depends", "Depends", "Recommends", "Breaks", "Conflicts", "Replaces", "Provides")
SCRIPTS = ("config", "preinst", "postinst", "prerm", "postrm")
# Programs by which a script changes what no list of files shows.
CALLS = re.compile(
    r"\b(dpkg-divert|dpkg-statoverride|setcap|update-alternatives|systemctl|deb-systemd-helper|deb-systemd-invoke|update-rc\.d"
    r"|invoke-rc\.d|adduser|useradd|usermod|addgroup|groupadd|chmod|chown|chattr|curl|wget|crontab|update-grub|update-initramfs"
    r"|dkms|sysctl|modprobe|insmod|apt-key|apt-get|dpkg|pip|pip3|npm)\b"
)


def listing(path: str) -> dict[str, Any]:
    """Return what is in the package at `path`."""
    with open(path, "rb") as file:  # noqa: PTH123 - this text has as few imports as it can
        whole = hashlib.file_digest(file, "sha256").hexdigest()
    control = _control(path)
    fields = _fields(control.get("control", b""))
    entries, is_cut = _entries(path)
    return {
        "file": path.rpartition("/")[2],
        "sha256": whole,
        "name": fields.get("Package", ""),
        "version": fields.get("Version", ""),
        "architecture": fields.get("Architecture", ""),
        "installed_kib": int(fields.get("Installed-Size", "0")),
        "relations": {name: fields[name][:MAX_TEXT] for name in RELATIONS if name in fields},
        "scripts": {name: _script(control[name]) for name in SCRIPTS if name in control},
        "triggers": _lines(control.get("triggers", b"")),
        "conffiles": _lines(control.get("conffiles", b"")),
        "entries": entries,
        "is_cut": is_cut,
    }


def _archive(path: str, part: str) -> IO[bytes]:
    process = subprocess.Popen(["dpkg-deb", part, path], stdout=subprocess.PIPE)
    if process.stdout is None:
        raise ValueError("started with a pipe")
    return process.stdout


def _control(path: str) -> dict[str, bytes]:
    """Return the files of the control archive by name, each up to MAX_CONTROL bytes."""
    found = {}
    with _archive(path, "--ctrl-tarfile") as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for number, member in enumerate(archive):
            content = archive.extractfile(member) if member.isfile() and number < 100 else None
            if content is not None:
                found[member.name.removeprefix("./")] = content.read(MAX_CONTROL)
    return found


def _fields(text: bytes) -> dict[str, str]:
    """Return the fields of a control file; lines that go on are joined."""
    found: dict[str, str] = {}
    last = ""
    for line in text.decode("utf-8", "replace").split("\n"):
        if line[:1] in (" ", "\t") and last:
            found[last] += " " + line.strip()
        elif ":" in line:
            last, _, value = line.partition(":")
            found[last] = value.strip()
    return found


def _script(content: bytes) -> dict[str, Any]:
    calls = sorted(set(CALLS.findall(re.sub(r"(?m)^\s*#.*$", "", content.decode("utf-8", "replace")))))
    return {"sha256": hashlib.sha256(content).hexdigest(), "calls": calls}


def _lines(content: bytes) -> list[str]:
    lines = (line.strip() for line in content.decode("utf-8", "replace").split("\n"))
    return [line[:MAX_TEXT] for line in lines if line and not line.startswith("#")][:1_000]


def _entries(path: str) -> tuple[list[list[Any]], bool]:
    entries: list[list[Any]] = []
    with _archive(path, "--fsys-tarfile") as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if len(entries) >= MAX_ENTRIES:
                return entries, True
            entries.append(_entry(archive, member))
    return entries, False


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> list[Any]:
    kind, digest = "o", ""
    if member.isdir():
        kind = "d"
    elif member.issym():
        kind = "l"
    elif member.islnk():
        kind = "h"
    elif member.isfile():
        kind = "f"
        content = archive.extractfile(member)
        sha256 = hashlib.sha256()
        while content is not None and (chunk := content.read(256 * 1024)):
            sha256.update(chunk)
        digest = sha256.hexdigest()
    name = "/" + member.name.removeprefix("./").strip("/")
    owner = f"{member.uname or member.uid}:{member.gname or member.gid}"
    return [_text(name), kind, member.mode & 0o7777, _text(owner), member.size, digest, _text(member.linkname), int(member.mtime)]


def _text(value: str) -> str:
    return value[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")


if __name__ == "__main__":
    print(json.dumps([listing(each) for each in sys.argv[1:]]))
