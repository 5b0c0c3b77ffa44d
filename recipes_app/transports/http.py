"""Git over smart HTTP, for everybody to read and for tokens to write. Thin: `access` decides, git and `push` do the work.

Protocol: git's own documentation, gitprotocol-http and gitprotocol-v2.
"""

from __future__ import annotations

import logging
import socket
import subprocess
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.views.decorators.csrf import csrf_exempt

from ..limits import MAX_FETCH_REQUEST_BYTES, MAX_PUSH_BYTES, MIB
from ..models import Scope
from ..repos.gitconfig import HookMissing, environment
from ..repos.pktline import FLUSH, packet
from ..repos.process import GitProcess
from ..repos.store import store
from ..services.lint.fetch_passes import PREFIX
from ..services.publishing.receiving import Push
from .access import AccessRefused, ReadTarget, push_target, read_target
from .advertisement import RECEIVE, UPLOAD, advertise, protocol_version
from .body import BodyRefused, RequestBody
from .credentials import account, challenges, reader

logger = logging.getLogger(__name__)

# What may stand in front of the pack in a push: the commands and capabilities.
_COMMAND_BYTES = 1 * MIB
_View = Callable[..., HttpResponseBase]


class Fetch:
    """The pack on its way to a client; a client that goes away ends git."""

    def __init__(self, repository: Path, requests: RequestBody, env: dict[str, str], cut_off: Callable[[], None]) -> None:
        self._cut_off = cut_off
        self._process = GitProcess(["upload-pack", "--stateless-rpc", "--strict", str(repository)], env, repository, requests)

    def __iter__(self) -> Iterator[bytes]:
        """Yield git's output."""
        return self._process.chunks()

    def close(self) -> None:
        """End git, which has ended by itself where the client read everything."""
        self._process.close()
        if self._process.feeding:
            self._cut_off()


def git_door(view: _View) -> _View:
    """Wrap a view: refusals become one line of plain text, which git shows as `remote: …`; nothing is cached."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except (AccessRefused, BodyRefused) as error:
            response = _text(error.status, str(error))
        except (OSError, HookMissing, subprocess.SubprocessError):
            logger.exception("git could not be started or gave no answer")
            response = _text(
                503, "the server cannot run git now (disk or memory may be full): nothing was changed, try again later"
            )
        response["Cache-Control"] = "no-cache, max-age=0, must-revalidate"
        return response

    return guarded


@git_door
def info_refs(request: HttpRequest, name: str) -> HttpResponseBase:
    """Advertise the references: the first request of every clone, fetch and push."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    service = request.GET.get("service", "")
    if service == UPLOAD:
        readable = _read_target(request, name)
        called, repository, version = readable.recipe_name, readable.repository, _protocol_version(request)
    elif service == RECEIVE:
        target = push_target(account(request, Scope.PUSH, name), name)
        # Pushing has no version 2; git's client knows that and git's server answers in version 0.
        called, repository, version = target.recipe_name, target.advertised, 0
    else:
        raise AccessRefused(403, "only git's smart HTTP is spoken here: use git 1.6.6 or newer, with a full clone URL")
    if called != name:
        # git tells its user where it was led, and asks there for all that follows.
        return HttpResponsePermanentRedirect(f"/git/{called}.git/info/refs?service={service}")
    return HttpResponse(_advertisement(service, repository, version), content_type=f"application/x-{service}-advertisement")


@git_door
def upload_pack(request: HttpRequest, name: str) -> HttpResponseBase:
    """Answer a fetch: the pack is streamed as git makes it."""
    _require_rpc(request, UPLOAD)
    environ = environment(GIT_PROTOCOL=f"version={_protocol_version(request)}")
    body = RequestBody(request.META, MAX_FETCH_REQUEST_BYTES)
    return _stream(UPLOAD, Fetch(_read_target(request, name).repository, body, environ, _cut_off(request)))


@git_door
def receive_pack(request: HttpRequest, name: str) -> HttpResponseBase:
    """Take a push: streamed into git, then published."""
    _require_rpc(request, RECEIVE)
    target = push_target(account(request, Scope.PUSH, name), name)
    body = RequestBody(request.META, MAX_PUSH_BYTES + _COMMAND_BYTES)
    return _stream(RECEIVE, Push(target, body, _cut_off(request)))


@git_door
def other(request: HttpRequest, name: str, rest: str = "") -> HttpResponseBase:
    """Send a browser to the recipe's page, and tell a client of the dumb protocol what is spoken here."""
    if rest:
        raise AccessRefused(403, "only git's smart HTTP is spoken here: use git 1.6.6 or newer, with a full clone URL")
    return HttpResponseRedirect(f"/recipes/{name}/")


def _read_target(request: HttpRequest, name: str) -> ReadTarget:
    """Return what the request may read: everybody what is published, with a token or a runner's pass what is held too."""
    word = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").strip()
    if word.startswith(PREFIX):
        return read_target(None, name, word)
    return read_target(reader(request, name), name)


def _advertisement(service: str, repository: Path, version: int) -> bytes:
    """Return the answer to the first request. Raises OSError, SubprocessError."""
    if version == 2:
        return _version_2_capabilities()
    return packet(f"# service={service}\n".encode("ascii")) + FLUSH + advertise(service, repository, version)


@lru_cache(maxsize=1)
def _version_2_capabilities() -> bytes:
    """Return what git can do in version 2: that depends on git and on our configuration, not on the repository."""
    return advertise(UPLOAD, store().empty(), 2)


def _require_rpc(request: HttpRequest, service: str) -> None:
    if request.method != "POST":
        raise AccessRefused(405, f"{service} takes POST only")
    if request.content_type != f"application/x-{service}-request":
        raise AccessRefused(415, f"{service} takes a body of the type application/x-{service}-request")


def _protocol_version(request: HttpRequest) -> int:
    return protocol_version(request.META.get("HTTP_GIT_PROTOCOL", ""))


def _cut_off(request: HttpRequest) -> Callable[[], None]:
    """Return what stops reading from the client. gunicorn hands out its socket; other servers have limits of their own."""
    connection = request.META.get("gunicorn.socket")

    def stop() -> None:
        if isinstance(connection, socket.socket):
            connection.shutdown(socket.SHUT_RD)

    return stop


def _stream(service: str, answer: Push | Fetch) -> StreamingHttpResponse:
    response = StreamingHttpResponse(answer, content_type=f"application/x-{service}-result")
    # nginx would collect the answer in a file before it sends the first byte.
    response["X-Accel-Buffering"] = "no"
    return response


def _text(status: int, message: str) -> HttpResponse:
    response = HttpResponse(f"{message}\n", status=status, content_type="text/plain; charset=utf-8")
    if status == 401:
        response["WWW-Authenticate"] = challenges(settings.SITE_NAME)
    return response
