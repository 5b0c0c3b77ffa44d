"""One SSH session: who is it, what does he ask for, and the way there. Exit statuses: 0 done, 1 refused, 2 not understood."""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
from dataclasses import dataclass

from django.conf import settings

from recipes_app.limits import GIT_WALL_SECONDS
from recipes_app.models import User
from recipes_app.repos.gitconfig import HookMissing, environment, restrain
from recipes_app.services.accounts import ssh_access
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.publishing.receiving import Push

from ..access import AccessRefused, push_target, read_target
from ..advertisement import RECEIVE, UPLOAD, advertise, protocol_version
from .commands import Usage, run_command

logger = logging.getLogger(__name__)

DONE, REFUSED, NOT_UNDERSTOOD = 0, 1, 2
_OUTPUT = 1
_REQUESTS = 0
# A client that says nothing for so long has gone away.
_SILENCE_SECONDS = 300


@dataclass
class Session:
    """The session of whoever has proved to own the key `key_number`. `errors` is the descriptor of the user's standard error."""

    key_number: int
    errors: int

    def serve(self, asked: str, protocol: str) -> int:
        """Do what the client asks for (SSH_ORIGINAL_COMMAND; `protocol` is its GIT_PROTOCOL); return the exit status."""
        try:
            user = ssh_access.sign_in(self.key_number)
            return self._dispatch(user, asked, protocol)
        except Usage as error:
            self._tell(str(error))
            return NOT_UNDERSTOOD
        except (AccessRefused, PermissionDenied, Refused) as error:
            self._tell(f"error: {error}")
            return REFUSED
        except (OSError, HookMissing, subprocess.SubprocessError):
            logger.exception("a session could not be served")
            self._tell("error: the server cannot do this now (disk or memory may be full): try again later")
            return REFUSED
        except Exception:
            logger.exception("a session failed")
            self._tell("error: something is broken on the server; its operators find the cause in their log")
            return REFUSED

    def _dispatch(self, user: User, asked: str, protocol: str) -> int:
        try:
            words = shlex.split(asked)
        except ValueError as error:
            raise Usage(f"the command cannot be read ({error}): check its quotes") from error
        if not words:
            self._tell(f"Hi {user.username}! {settings.SITE_NAME} gives no shell; the command `help` lists what there is.")
            return DONE
        if words[0] == "git" and len(words) > 1:
            words = [f"git-{words[1]}", *words[2:]]
        if words[0] == UPLOAD:
            self._fetch(user, _repository_name(words), protocol)
        elif words[0] == RECEIVE:
            self._push(user, _repository_name(words))
        else:
            _write(_OUTPUT, run_command(user, words).encode())
        return DONE

    def _fetch(self, user: User, name: str, protocol: str) -> None:
        """Become git upload-pack, which then talks to the client itself; limits and clock go with it."""
        target = read_target(user, name)
        self._tell_new_name(name, target.recipe_name)
        os.chdir(target.repository)
        # Python ignores it and git would inherit that: git is to end when its client has gone.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.alarm(GIT_WALL_SECONDS)
        restrain(os.getpid())
        arguments = ["git", "upload-pack", "--strict", f"--timeout={_SILENCE_SECONDS}", str(target.repository)]
        os.execvpe("git", arguments, environment(GIT_PROTOCOL=f"version={protocol_version(protocol)}"))  # noqa: S606 - no shell is meant

    def _push(self, user: User, name: str) -> None:
        """Take a push as HTTP does, both of its requests on one connection; a client that goes away changes nothing."""
        target = push_target(user, name)
        self._tell_new_name(name, target.recipe_name)
        _write(_OUTPUT, advertise(RECEIVE, target.advertised, 0))
        push = Push(target, _REQUESTS, lambda: None)
        try:
            for piece in push:
                _write(_OUTPUT, piece)
        except BrokenPipeError:
            logger.info("%s: the client went away before it read the answer to its push", target.recipe_name)
        finally:
            push.close()

    def _tell_new_name(self, asked: str, called: str) -> None:
        if asked != called:
            self._tell(f"{asked} is called {called} now: git remote set-url origin YOUR_SSH_ADDRESS/{called}.git")

    def _tell(self, text: str) -> None:
        try:
            _write(self.errors, f"{text}\n".encode())
        except BrokenPipeError:
            logger.info("the client went away before it read: %s", text)


def _repository_name(words: list[str]) -> str:
    """Return the recipe's name from `git-upload-pack '/NAME.git'`; slash and suffix are not asked for. Raises Usage."""
    if len(words) != 2:
        raise Usage(f"usage: {words[0]} NAME.git")
    return words[1].removeprefix("/").removesuffix("/").removesuffix(".git")


def _write(descriptor: int, content: bytes) -> None:
    """Write all of `content`. Raises BrokenPipeError where the client has gone."""
    while content:
        content = content[os.write(descriptor, content) :]
