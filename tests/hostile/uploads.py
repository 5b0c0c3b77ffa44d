"""Archives of a few bytes that are made to be read for ever, as somebody would send them to /submit/upload/."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

import zstandard

from recipes_app.limits import MAX_UNPACKED_BYTES, MIB

_SIGN_IN = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from recipes_app.models import User
from recipes_app.services.accounts import terms
user = User.objects.get(username={username!r})
terms.accept(user, terms.in_force())
session = SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = user.pk, settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""
_TOKEN = "a" * 32


def _member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, pax: Mapping[str, str] | None = None) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.pax_headers = kind, size, dict(pax or {})
    return info.tobuf(tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT)


def _sparse_without_end() -> bytes:
    """Return GNU's sparse header that says that another one follows, and another."""
    member = bytearray(_member("debian/x", tarfile.GNUTYPE_SPARSE, 512))
    member[482], member[483:495] = 1, b"%011o\0" % 512
    member[148:156] = b" " * 8
    member[148:156] = b"%06o\0 " % sum(member)
    # Each further header has its mark at byte 504.
    return bytes(member) + (bytes(504) + b"\1" + bytes(7)) * 2_000


def _zeros(pack: Callable[[bytes], bytes]) -> bytes:
    return pack(_member("debian/x", size=MAX_UNPACKED_BYTES - MIB) + bytes(MAX_UNPACKED_BYTES))


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 1)


def archives() -> dict[str, tuple[str, bytes]]:
    """Return name and content of each archive, by what it is."""
    pax = {"size": "9" * 17}
    sparse = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9" * 17, "GNU.sparse.name": "debian/x"}
    return {
        "pax-size": ("debian.tar.gz", _packed(_member("debian/x", pax=pax))),
        "pax-negative-size": ("debian.tar.gz", _packed(_member("debian/x", pax={"size": "-512"}))),
        "pax-sparse": ("debian.tar.gz", _packed(_member("debian/x", pax=sparse) + b"99999999\n" + bytes(503))),
        "sparse-without-end": ("debian.tar.gz", _packed(_sparse_without_end())),
        "long-names": ("debian.tar.gz", _packed((_member("x", tarfile.GNUTYPE_LONGNAME, 512) + bytes(512)) * 20_000)),
        "gzip-bomb": ("debian.tar.gz", _zeros(_packed)),
        "xz-bomb": ("debian.tar.xz", _zeros(lambda content: lzma.compress(content, preset=1))),
        "zstd-bomb": ("debian.tar.zst", _zeros(zstandard.ZstdCompressor().compress)),
        "empty-gzip-members": ("debian.tar.gz", gzip.compress(b"", 1) * 200_000),
        "size-in-binary": ("debian.tar.gz", _packed(_large_size())),
    }


def _large_size() -> bytes:
    """Return a header whose size is in base 256, as GNU tar writes what no octal number holds."""
    member = bytearray(_member("debian/x"))
    member[124:136] = b"\x80" + (1 << 80).to_bytes(11, "big")
    member[148:156] = b" " * 8
    member[148:156] = b"%06o\0 " % sum(member)
    return bytes(member)


def sign_in_script(username: str) -> str:
    """Return what `manage.py shell` runs to print the key of a new session of an account, its last line."""
    return _SIGN_IN.format(username=username)


def send_upload(url: str, session: str, name: str, content: bytes, origin: str = "") -> tuple[int, str]:
    """Upload one archive by the form at `url`; return the status and what Retry-After says."""
    body, kind = _form_body(name, content, _TOKEN)
    headers = {"Content-Type": kind, "Cookie": f"sessionid={session}; csrftoken={_TOKEN}", "Origin": origin or url}
    request = urllib.request.Request(f"{url}/submit/upload/", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.headers.get("Retry-After", "")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Retry-After", "")
    except (urllib.error.URLError, ConnectionError):
        # Refused before its body was read, where no nginx reads it first.
        return 503, "cut off"


def _form_body(name: str, content: bytes, token: str) -> tuple[bytes, str]:
    """Return the body and the content type of the upload's form with one file."""
    boundary = "boundary-of-the-form"
    body = io.BytesIO()
    body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'.encode())
    disposition = f'Content-Disposition: form-data; name="packaging"; filename="{name}"'
    body.write(f"--{boundary}\r\n{disposition}\r\nContent-Type: application/octet-stream\r\n\r\n".encode())
    body.write(content + f"\r\n--{boundary}--\r\n".encode())
    return body.getvalue(), f"multipart/form-data; boundary={boundary}"
