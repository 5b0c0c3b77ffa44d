"""The shapes that the comparison of two revisions is made of: an effect, a change that has it, and one revision."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .metadata import RecipeMetadata
from .tree import Tree


class Effect(StrEnum):
    """What a change can do on the machine of somebody who builds and installs the recipe.

    `identity` is about who pushes; the tree says nothing of that, so nothing here yields it.
    """

    INERT = "inert"
    BUILD = "build"
    ROOT = "root"
    ORIGIN = "origin"
    IDENTITY = "identity"
    CLASS = "class"


@dataclass(frozen=True)
class Change:
    """One change of a revision against the last published one.

    `path` is the file that it is in, empty where there is none; `what` is one sentence for pusher and visitor.
    """

    effect: Effect
    path: str
    line: int | None
    what: str


@dataclass(frozen=True)
class Side:
    """One revision: its files and what they say."""

    tree: Tree
    metadata: RecipeMetadata
