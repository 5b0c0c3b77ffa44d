"""The commands that a session takes beside git's, under the AUR's names. Each finds what it is about and calls one service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recipes_app.models import Flag, OwnershipRequest, Recipe, User
from recipes_app.services.catalogue import votes
from recipes_app.services.catalogue.names import resolve
from recipes_app.services.core.errors import Refused
from recipes_app.services.moderation import flags, lifecycle, requests
from recipes_app.services.ownership import invitations, ownership
from recipes_app.services.publishing import git_access


class Usage(Exception):
    """The words are no command; the text says which are."""


@dataclass(frozen=True)
class Command:
    """A command: `arguments` as help shows them, and how many words it takes (`most` None: any number)."""

    run: Callable[[User, list[str]], str]
    arguments: str
    summary: str
    least: int = 1
    most: int | None = 1


def run_command(user: User, words: list[str]) -> str:
    """Do what `words` say as `user`; return the lines to show. Raises Usage, PermissionDenied, Refused."""
    name, *arguments = words
    command = COMMANDS.get(name)
    if command is None:
        raise Usage(f"{name[:80]!r} is no command here; `help` lists them")
    if len(arguments) < command.least or (command.most is not None and len(arguments) > command.most):
        raise Usage(f"usage: {name} {command.arguments}")
    return command.run(user, arguments)


def _recipe(name: str) -> Recipe:
    """Return the living recipe that is, or was, called `name`. Raises Refused."""
    try:
        return resolve(name.removesuffix(".git"))
    except Recipe.DoesNotExist as error:
        raise Refused(f"there is no recipe {name[:80]!r}", field="name", code="not-found") from error


def _adopt(user: User, arguments: list[str]) -> str:
    recipe = _recipe(arguments[0])
    request = requests.file(user, recipe, OwnershipRequest.Kind.ADOPTION, " ".join(arguments[1:]))
    return f"{recipe.name} becomes yours on {request.waits_until:%Y-%m-%d}, unless somebody objects\n"


def _disown(user: User, arguments: list[str]) -> str:
    recipe = _recipe(arguments[0])
    follower = ownership.disown(user, recipe)
    if follower is None:
        return f"{recipe.name} is an orphan now\n"
    return f"{recipe.name} is maintained by {follower.username} now\n"


def _flag(user: User, arguments: list[str]) -> str:
    recipe = _recipe(arguments[0])
    flags.raise_flag(user, recipe, Flag.Kind.OUT_OF_DATE, flags.FlagText(" ".join(arguments[1:])))
    return f"{recipe.name} is flagged out of date\n"


def _unflag(user: User, arguments: list[str]) -> str:
    recipe = _recipe(arguments[0])
    closed = flags.unflag(user, recipe, " ".join(arguments[1:]))
    return f"{recipe.name}: {closed} out-of-date {'flag' if closed == 1 else 'flags'} closed\n"


def _vote(user: User, arguments: list[str]) -> str:
    recipe = _recipe(arguments[0])
    new = votes.vote(user, recipe)
    return f"you have voted for {recipe.name}{'' if new else ' already'}\n"


def _unvote(user: User, arguments: list[str]) -> str:
    recipe = _recipe(arguments[0])
    had_voted = votes.unvote(user, recipe)
    return f"your vote for {recipe.name} is taken back\n" if had_voted else f"you had not voted for {recipe.name}\n"


def _list_repos(user: User, _arguments: list[str]) -> str:
    return "".join(f"{name}\t{role}\n" for name, role in git_access.looked_after_by(user))


def _restore(user: User, arguments: list[str]) -> str:
    recipe = lifecycle.deleted_recipe(arguments[0].removesuffix(".git"))
    lifecycle.restore(user, recipe)
    return f"{recipe.name} is back\n"


def _set_co_maintainers(user: User, arguments: list[str]) -> str:
    recipe = _recipe(arguments[0])
    invited = invitations.set_co_maintainers(user, recipe, invitations.members_named(arguments[1:]))
    names = ", ".join(invitation.user.username for invitation in invited)
    return f"{recipe.name}: the co-maintainers are set" + (f"; invited, to accept on the site: {names}\n" if names else "\n")


def _set_keywords(user: User, arguments: list[str]) -> str:
    recipe = _recipe(arguments[0])
    keywords = ownership.set_keywords(user, recipe, arguments[1:])
    return f"{recipe.name}: {' '.join(keywords) or 'no keywords'}\n"


def _help(_user: User, _arguments: list[str]) -> str:
    usages = {name: f"{name} {command.arguments}".rstrip() for name, command in COMMANDS.items()}
    width = max(map(len, usages.values()))
    lines = [f"{usages[name]:{width}}  {command.summary}\n" for name, command in COMMANDS.items()]
    return "".join(lines) + "\nBeside these: git clone, fetch and push. What is not here is done on the site.\n"


COMMANDS: dict[str, Command] = {
    "adopt": Command(_adopt, "NAME WHY...", "ask for an orphan; it is yours after a waiting time", least=2, most=None),
    "disown": Command(_disown, "NAME", "give your recipe to the first co-maintainer, or to nobody"),
    "flag": Command(_flag, "NAME WHY...", "say that a recipe is out of date", least=2, most=None),
    "help": Command(_help, "", "show this", least=0, most=None),
    "list-repos": Command(_list_repos, "", "list the recipes that you look after, with your role", least=0, most=0),
    "restore": Command(_restore, "NAME", "bring a deleted recipe back (moderators)"),
    "set-comaintainers": Command(
        _set_co_maintainers,
        "NAME [USER...]",
        "set the co-maintainers in the order of succession; new ones are invited",
        most=None,
    ),
    "set-keywords": Command(
        _set_keywords, "NAME [KEYWORD...]", "set the keywords that stand beside those of debian/dur", most=None
    ),
    "unflag": Command(_unflag, "NAME [WHY...]", "take back or settle out-of-date flags; others' need a WHY", most=None),
    "unvote": Command(_unvote, "NAME", "take your vote back"),
    "vote": Command(_vote, "NAME", "vote for a recipe"),
}
