"""The parts of an address that have a grammar: what does not fit is no page, and no view sees it."""

from __future__ import annotations

from recipes_app.limits import MAX_NAME_LENGTH


class _TextConverter:
    """A part of an address that stays text."""

    def to_python(self, value: str) -> str:
        """Return the part as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return the part as it is."""
        return value


class RecipeNameConverter(_TextConverter):
    """The name of a recipe: Debian Policy 5.6.1."""

    regex = rf"[a-z0-9][a-z0-9+.\-]{{1,{MAX_NAME_LENGTH - 1}}}"


class UsernameConverter(_TextConverter):
    """The name of an account; the grammar of new ones is stricter (`models.accounts`)."""

    regex = r"[a-z0-9][a-z0-9._\-]{0,38}"


class CommitConverter(_TextConverter):
    """A full commit id. Short ones are not taken: they mean another commit tomorrow."""

    regex = "[0-9a-f]{40}"


class LintTagConverter(_TextConverter):
    """The name of a lint tag: lintian's may hold slashes, as in team/pkg-perl/vcs/no-git."""

    regex = r"[A-Za-z0-9][A-Za-z0-9+._\-]{0,119}(?:/[A-Za-z0-9][A-Za-z0-9+._\-]{0,119}){0,5}"


class CheckConverter(_TextConverter):
    """The id of a recipe check."""

    regex = r"DUR[1-9][0-9]{2}"
