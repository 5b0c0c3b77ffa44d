"""The words that a recipe is described by: one enumeration for each kind. Parser, search, API, forms and labels take them here.

Stored values never change: data outlives code. Where values have a rank, they stand from the best to the worst.
"""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """A value that is a plain string to everything that stores, shows or hashes it."""

    def __repr__(self) -> str:
        """Return what the plain string has: digests are made of it."""
        return repr(self.value)


class LicenceClass(Word):
    """What the licences of a recipe come to, by the Debian Free Software Guidelines. Unknown never upgrades."""

    DFSG_FREE = "dfsg-free"
    UNKNOWN = "unknown"
    NONFREE = "nonfree"
    NONFREE_NOREDIST = "nonfree-noredist"


class ModelVerdict(Word):
    """The class of a model by the Debian deep learning team's ML-Policy."""

    FREE = "free"
    TOXIC_CANDY = "toxic-candy"
    NON_FREE = "non-free"


# What a model has of which nothing was computed yet; no verdict, so that nobody can claim it or rule it.
UNKNOWN_MODEL_CLASS = "unknown"


class Osaid(Word):
    """The verdict by the Open Source AI Definition 1.0."""

    COMPLIANT = "compliant"
    UNKNOWN = "unknown"
    NOT_COMPLIANT = "not-compliant"


class Redistribution(Word):
    """Whether what is built may be passed on."""

    PERMITTED = "permitted"
    UNKNOWN = "unknown"
    BINARIES_FORBIDDEN = "binaries-forbidden"
    FORBIDDEN = "forbidden"


class Authorship(Word):
    """How the packaging was written (the field Provenance)."""

    HUMAN = "human"
    AI_ASSISTED = "ai-assisted"
    AI_GENERATED = "ai-generated"


class Category(Word):
    """What a recipe makes its packages from."""

    SOURCE = "source"
    REPACK = "repack"
    MODEL = "model"
    VARIANT = "variant"
    DATA = "data"
    TRICK = "trick"


class AcceptanceKind(Word):
    """What has to be accepted before a file is fetched."""

    NONE = "none"
    EXPLICIT = "explicit"
    RISK_TOXIC_CANDY = "risk-toxiccandy"
