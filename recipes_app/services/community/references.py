"""What a text names without a link: accounts, recipes, commits, tags of lintian, bugs of Debian. Found, looked up, linked.

Each kind is looked up with one query, and only if the text holds something that looks like it. What is not known stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse
from markdown_it.token import Token

from recipes_app.limits import MAX_REFERENCES
from recipes_app.models import LintHint, Recipe, Revision, User
from recipes_app.rendering.markdown import link_around

# No part of a word, an address or a path: `user@host`, `/srv/@name` and `libfoo#1234` name nothing.
_REFERENCE = re.compile(
    r"""(?<![\w@/.:#&=+-])(?:
        @(?P<account>[a-zA-Z0-9](?:[a-zA-Z0-9]|[._-](?=[a-zA-Z0-9])){1,38})
      | recipe:(?P<recipe>[a-z0-9](?:[a-z0-9+-]|\.(?=[a-z0-9+-]))+)
      | lintian:(?P<tag>[a-z0-9](?:[a-z0-9+-]|\.(?=[a-z0-9+-]))+)
      | \#(?P<bug>[0-9]{4,7})
      | (?P<commit>[0-9a-f]{7,40})
    )(?!\w)""",
    re.VERBOSE,
)
_BUGS = "https://bugs.debian.org/"


@dataclass
class _Known:
    """What the references of one text turned out to be: an address by kind and by the word that stands in the text."""

    addresses: dict[tuple[str, str], str] = field(default_factory=dict)
    accounts: dict[str, User] = field(default_factory=dict)


def link_tokens(tokens: Sequence[Token], recipe: Recipe | None) -> tuple[User, ...]:
    """Put links around what the inline tokens of a parsed text name; return the accounts that it mentions, in their order.

    Text in links and in code is left alone. One query a kind of reference, four at most.
    """
    inline = [token for token in tokens if token.children]
    words: dict[str, list[str]] = {}
    for kind, word in _found(inline):
        seen = words.setdefault(kind, [])
        if word not in seen and len(seen) < MAX_REFERENCES:
            seen.append(word)
    if not words:
        return ()
    known = _look_up(words, recipe)
    for token in inline:
        token.children = list(_with_links(token.children or [], known))
    return tuple(known.accounts[word] for word in words.get("account", []) if word in known.accounts)


def _found(inline: Iterable[Token]) -> Iterator[tuple[str, str]]:
    for token in inline:
        for child in _outside_links(token.children or []):
            for match in _REFERENCE.finditer(child.content):
                yield _kind_and_word(match)


def _outside_links(children: Sequence[Token]) -> Iterator[Token]:
    inside = False
    for child in children:
        if child.type in ("link_open", "link_close"):
            inside = child.type == "link_open"
        elif child.type == "text" and not inside:
            yield child


def _kind_and_word(match: re.Match[str]) -> tuple[str, str]:
    kind = match.lastgroup or ""
    return kind, match[kind].lower()


def _look_up(words: dict[str, list[str]], recipe: Recipe | None) -> _Known:
    known = _Known()
    for kind, wanted in words.items():
        _LOOK_UPS[kind](known, wanted, recipe)
    return known


def _accounts(known: _Known, names: list[str], _recipe: Recipe | None) -> None:
    for user in User.objects.filter(username__in=names, is_active=True):
        known.accounts[user.username] = user
        known.addresses["account", user.username] = user.get_absolute_url()


def _recipes(known: _Known, names: list[str], _recipe: Recipe | None) -> None:
    for recipe in Recipe.objects.filter(name__in=names, deleted_at=None).only("name"):
        known.addresses["recipe", recipe.name] = recipe.get_absolute_url()


def _commits(known: _Known, prefixes: list[str], recipe: Recipe | None) -> None:
    """A commit is linked where exactly one revision of the recipe begins so: a word of seven hex digits may be a date."""
    if recipe is None:
        return
    condition = Q()
    for prefix in prefixes:
        condition |= Q(commit__startswith=prefix)
    commits = list(Revision.objects.filter(condition, recipe=recipe).values_list("commit", flat=True))
    for prefix in prefixes:
        fitting = [commit for commit in commits if commit.startswith(prefix)]
        if len(fitting) == 1:
            known.addresses["commit", prefix] = reverse("revision", args=[recipe.name, fitting[0]])


def _tags(known: _Known, tags: list[str], recipe: Recipe | None) -> None:
    """A tag leads to the lint report of the current revision, where that report has it."""
    if recipe is None or recipe.current is None:
        return
    report = reverse("lint", args=[recipe.name, recipe.current.commit])
    hints = LintHint.objects.filter(job__revision=recipe.current, tag__in=tags)
    for tag in hints.order_by().values_list("tag", flat=True).distinct():
        known.addresses["tag", tag] = f"{report}#tag-{tag}"


def _bugs(known: _Known, numbers: list[str], _recipe: Recipe | None) -> None:
    for number in numbers:
        known.addresses["bug", number] = f"{_BUGS}{number}"


_LOOK_UPS: dict[str, Callable[[_Known, list[str], Recipe | None], None]] = {
    "account": _accounts,
    "recipe": _recipes,
    "commit": _commits,
    "tag": _tags,
    "bug": _bugs,
}


def _with_links(children: Sequence[Token], known: _Known) -> Iterator[Token]:
    linkable = {id(child) for child in _outside_links(children)}
    for child in children:
        if id(child) in linkable:
            yield from _split(child.content, known)
        else:
            yield child


def _split(text: str, known: _Known) -> Iterator[Token]:
    """Yield `text` as tokens, each known reference in a link."""
    end = 0
    for match in _REFERENCE.finditer(text):
        address = known.addresses.get(_kind_and_word(match))
        if address is None:
            continue
        yield Token("text", "", 0, content=text[end : match.start()])
        yield from link_around(Token("text", "", 0, content=match[0]), address)
        end = match.end()
    yield Token("text", "", 0, content=text[end:])
