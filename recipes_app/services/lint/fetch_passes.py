"""What lets a runner fetch a revision that is held: a signed word for one recipe, sent with its job and good for some days.

A runner has no account. What it may read with this is what it is asked to lint; it may push nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

from recipes_app.models import Revision

PREFIX = "durfetch_"
_SALT = "dur.fetch-pass"
# A job may wait for a runner as long as nobody repairs it; its message is written anew each time that it is sent.
_GOOD_FOR = timedelta(days=2)


def issue(revision: Revision) -> str:
    """Return the word with which the repository of `revision` is fetched, held revisions included."""
    return PREFIX + signing.dumps(revision.recipe.storage_name, salt=_SALT)


def opens(word: str, storage_name: str) -> bool:
    """Return whether `word` was issued for the repository `storage_name` and is still good."""
    if not word.startswith(PREFIX):
        return False
    try:
        found = signing.loads(word.removeprefix(PREFIX), salt=_SALT, max_age=_GOOD_FOR)
    except signing.BadSignature:
        return False
    return bool(found == storage_name)
