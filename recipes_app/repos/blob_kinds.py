"""Telling text from what is not packaging: programs, archives, model weights. By content, never by name. No Django.

What 74 real packaging directories of Debian hold besides text is pictures, keyrings, message catalogues and patches with a
few control characters in them; so these pass, and everything else that is not text is refused.
"""

from __future__ import annotations

# Magic numbers at the start of a file, with the words the user reads. From file(1)'s and the formats' own documentation.
FORBIDDEN: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "an ELF program or library"),
    (b"MZ", "a Windows program"),
    (b"\xfe\xed\xfa\xce", "a Mach-O program"),
    (b"\xfe\xed\xfa\xcf", "a Mach-O program"),
    (b"\xce\xfa\xed\xfe", "a Mach-O program"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O program"),
    (b"\xca\xfe\xba\xbe", "a Java class or a Mach-O program"),
    (b"\0asm", "a WebAssembly program"),
    (b"dex\n", "an Android program"),
    (b"!<arch>\n", "an ar archive (.deb, .a)"),
    (b"!<thin>\n", "an ar archive (.a)"),
    (b"PK\x03\x04", "a zip archive (also .jar, .whl, .odt, PyTorch weights)"),
    (b"PK\x05\x06", "a zip archive"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"\x1f\x9d", "compress-compressed data"),
    (b"\xfd7zXZ\0", "xz-compressed data"),
    (b"BZh", "bzip2-compressed data"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
    (b"\x04\x22\x4d\x18", "lz4-compressed data"),
    (b"LZIP", "lzip-compressed data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xed\xab\xee\xdb", "an RPM package"),
    (b"070701", "a cpio archive"),
    (b"070702", "a cpio archive"),
    (b"070707", "a cpio archive"),
    (b"hsqs", "a squashfs image"),
    (b"GGUF", "model weights (GGUF)"),
    (b"ggml", "model weights (GGML)"),
    (b"ggjt", "model weights (GGML)"),
    (b"\x89HDF\r\n\x1a\n", "HDF5 data (model weights)"),
    (b"\x93NUMPY", "NumPy data (model weights)"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"%PDF-", "a PDF document (build it, or fetch it, from its source)"),
    (b"# v2 git bundle", "a git bundle"),
    (b"# v3 git bundle", "a git bundle"),
)
_TAR_MAGIC_AT = 257
_TAR_MAGIC = b"ustar"
_PICKLE_PROTOCOLS = range(2, 6)

ALLOWED: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\0\0\x01\0", "an icon"),
    (b"\xde\x12\x04\x95", "a message catalogue"),
    (b"\x95\x04\x12\xde", "a message catalogue"),
)
# RFC 4880 4.2 and 5.5.2: a keyring begins with a public-key packet (tag 6, old or new format), which begins with version 3 to 6.
_KEYRING_TAGS = frozenset({0x98, 0x99, 0x9A, 0xC6})

# Control characters that text does not use; form feed and escape are found in real changelogs and scripts.
_NOT_TEXT = bytes(byte for byte in range(32) if byte not in b"\t\n\r\f\x1b") + b"\x7f"
# Patches against test data hold some (one of vim's, 3 %); compressed data, programs and tensors have 11 % and more.
_TOLERATED_SHARE = 0.05


def forbidden_kind(content: bytes) -> str | None:
    """Return in words what `content` is where a recipe may not hold it, or None for text and the few binary kinds that pass."""
    for magic, words in FORBIDDEN:
        if content.startswith(magic) and not _is_plain(magic, content):
            return words
    if content[_TAR_MAGIC_AT : _TAR_MAGIC_AT + len(_TAR_MAGIC)] == _TAR_MAGIC:
        return "a tar archive"
    if any(content.startswith(magic) for magic, _ in ALLOWED) or _is_keyring(content):
        return None
    if len(content) > 2 and content[0] == 0x80 and content[1] in _PICKLE_PROTOCOLS and content.endswith(b"."):
        return "a Python pickle (model weights)"
    if content[8:10] == b'{"' and content[4:8] == b"\0\0\0\0":
        return "model weights (safetensors)"
    return None if is_text(content) else "binary data of a kind that recipes do not need"


def is_text(content: bytes) -> bool:
    """Return whether hardly any byte of `content` is a control character; the encoding is not judged."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    controls = len(content) - len(content.translate(None, _NOT_TEXT))
    return controls <= len(content) * _TOLERATED_SHARE or (controls == 1 and len(content) < 100)


def _is_plain(magic: bytes, content: bytes) -> bool:
    """Return whether a magic of letters alone is the beginning of ordinary text ("MZ", "BZh", a serial number)."""
    return magic.isalnum() and is_text(content)


def _is_keyring(content: bytes) -> bool:
    if len(content) < 8 or content[0] not in _KEYRING_TAGS:
        return False
    length_octets = {0x98: 1, 0x99: 2, 0x9A: 4}.get(content[0]) or (1 if content[1] < 192 else 2)
    return content[1 + length_octets] in range(3, 7)
