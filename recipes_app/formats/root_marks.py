"""Lines that make something run, or be obeyed, as root, wherever they stand: found by literal marks, in linear time.

A mark is a few characters that are looked for in the whole text at once; where a mark alone says too much, a pattern is held
against the characters around it, never against a whole line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_AROUND = 80
_FIELD = re.compile(rb"^\s*(?:X[BCS]+-)?[A-Z][A-Za-z-]+\s*:")
_SCRIPT = re.compile(rb"(?:pre|post)(?:inst|rm)(?![a-z])")
_ETC = re.compile(rb"(?<![A-Za-z0-9_.-])etc/[A-Za-z0-9_.*?$({<-]")
_PACKAGE_FOLDER = re.compile(rb"(?<![A-Za-z])DEBIAN(?![A-Za-z_])")
_SPECIAL_MODE = re.compile(
    rb"(?:-[A-Za-z]*m[ \t]*|mode[ \t=:]*|chmod[ \t]+(?:-[^ \t]+[ \t]+){0,3})['\"]?"
    rb"(?:0?[246][0-7]{3}(?![0-9])|[ugoa,+=rwxX]*[ug][ugoa]*[+=][rwxX]*s"
    rb"|r[w-][sS]r)"
)
_CONTROL_OPTION = re.compile(
    rb"-D\s*['\"]?(?:Essential|Protected|Important|Pre-Depends|Provides|Replaces|Conflicts|Breaks|Package)"
    rb"|-V\s*['\"]?[A-Za-z0-9:-]{0,40}(?:Pre-Depends|Provides|Replaces|Conflicts|Breaks)",
    re.IGNORECASE,
)
_WORD_CRON = re.compile(rb"cron(?:\.(?:d|[a-z]+ly)|tabs?)(?![a-z])")
_D_FOLDER = re.compile(
    rb"(?:tmpfiles|sysusers|binfmt|environment|modprobe|modules-load|sysctl|profile|ld\.so\.conf|update-motd|apt\.conf|dispatcher|logrotate"
    rb"|init|pam|sudoers|xinetd|rules|prefs|preferences|sources\.list|rc[0-6S]|if-(?:up|down|pre-up|post-down)|(?:post|pre)(?:inst|rm)"
    rb"|ip-(?:up|down)|Xsession|dbus-1/system)\.d(?![A-Za-z0-9])"
)
# Each mark with the pattern that confirms it; None where the mark says enough.
_MARKS: dict[bytes, re.Pattern[bytes] | None] = {
    b"preinst": _SCRIPT,
    b"postinst": _SCRIPT,
    b"prerm": _SCRIPT,
    b"postrm": _SCRIPT,
    b"DEBIAN": _PACKAGE_FOLDER,
    b".maintscript": None,
    b"substvars": None,
    b"etc/": _ETC,
    b"systemd/system": None,
    b"systemd/user": None,
    b"system-generators": None,
    b"system-sleep": None,
    b"system-shutdown": None,
    b"system-preset": None,
    b"systemdsystemunitdir": None,
    b"dh_installsystemd": None,
    b"dh_installinit": None,
    b"dh_installcron": None,
    b"dh_installudev": None,
    b"dh_installpam": None,
    b"dh_installdeb ": None,
    b"cron": _WORD_CRON,
    b"udev/": None,
    b"polkit": None,
    b"sudoers": None,
    b"doas.conf": None,
    b".d": _D_FOLDER,
    b"ld.so.": None,
    b"rc.local": None,
    b"dbus-1/system": None,
    b"share/keyrings": None,
    b"initramfs-tools": None,
    b"autostart/": None,
    b"usr/local/": None,
    b"usr/src/": None,
    b"chmod": _SPECIAL_MODE,
    b"install": _SPECIAL_MODE,
    b"mode": _SPECIAL_MODE,
    b"dpkg-divert": None,
    b"dpkg-statoverride": None,
    b"update-alternatives": None,
    b"setcap": None,
    b"setuid": None,
    b"-D": _CONTROL_OPTION,
    b"-V": _CONTROL_OPTION,
    b"Essential": _FIELD,
    b"Protected": _FIELD,
    b"Important": _FIELD,
    b"Pre-Depends": _FIELD,
    b"Provides": _FIELD,
    b"Replaces": _FIELD,
    b"Breaks": _FIELD,
    b"Conflicts": _FIELD,
    b"ExecStart": None,
    b"ExecStop": None,
    b"ExecReload": None,
    b"OnCalendar=": None,
    b"OnBootSec=": None,
    b"OnUnitActiveSec=": None,
}


def root_lines(data: bytes, *, is_patch: bool = False) -> dict[bytes, int]:
    """Return the lines of `data` that have a mark, without outer blanks, each with the number of the first such line.

    Lines that begin as comments do are left out; of a patch, lines that it adds count and no others.
    """
    found: dict[bytes, int] = {}
    for mark, pattern in _MARKS.items():
        for number, line in _lines_with(data, mark, pattern):
            if is_patch and (not line.startswith(b"+") or line.startswith(b"+++")):
                continue
            text = (line[1:] if is_patch else line).strip()
            if not text.startswith(b"#"):
                found[text] = min(number, found.get(text, number))
    return found


def _lines_with(data: bytes, mark: bytes, pattern: re.Pattern[bytes] | None) -> Iterator[tuple[int, bytes]]:
    """Yield number and text of each line that has the mark, confirmed by the pattern.

    Each step goes on by at least what was looked at, so that a line of two megabytes takes no more time than as many lines.
    """
    number, counted, place = 1, 0, data.find(mark)
    while place >= 0:
        if pattern is None or pattern.search(_around(data, place)):
            start, end = data.rfind(b"\n", 0, place) + 1, data.find(b"\n", place)
            end = len(data) if end < 0 else end
            number += data.count(b"\n", counted, place)
            counted = place
            yield number, data[start:end]
            place = data.find(mark, end)
        else:
            # Another place of the same line may be confirmed.
            line_end = data.find(b"\n", place, place + _AROUND)
            place = data.find(mark, line_end if line_end >= 0 else place + _AROUND)


def _around(data: bytes, place: int) -> bytes:
    """Return what stands around `place` in its line, at most _AROUND bytes before it and twice that behind it."""
    start = max(data.rfind(b"\n", max(0, place - _AROUND), place) + 1, place - _AROUND, 0)
    end = data.find(b"\n", place, place + 2 * _AROUND)
    return data[start : end if end >= 0 else place + 2 * _AROUND]
