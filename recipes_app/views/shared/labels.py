"""What the values of a recipe's fields are called on a page, how they look, and what they mean: one table."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recipes_app.formats.vocabulary import UNKNOWN_MODEL_CLASS, AcceptanceKind, LicenceClass, ModelVerdict, Osaid, Redistribution

# Looks of a badge: site.css has a rule for each.
GOOD, FAIR, WARN, BAD, PLAIN = "good", "fair", "warn", "bad", "plain"


class Label(NamedTuple):
    """The word on a badge, its look, and the sentence that explains it."""

    text: str | Promise
    look: str
    explanation: str | Promise = ""


LABELS: dict[str, dict[str, Label]] = {
    "licence": {
        LicenceClass.DFSG_FREE: Label(
            _("DFSG-free"), GOOD, _("Every licence named is free by the Debian Free Software Guidelines.")
        ),
        LicenceClass.NONFREE: Label(
            _("non-free"), WARN, _("A licence named is not free by the Debian Free Software Guidelines.")
        ),
        LicenceClass.NONFREE_NOREDIST: Label(
            _("non-free, not to be passed on"), BAD, _("A licence named forbids to pass the files on: build and keep it.")
        ),
        LicenceClass.UNKNOWN: Label(_("licence unknown"), FAIR, _("No machine-readable licence that is known here was found.")),
    },
    "redistribution": {
        Redistribution.PERMITTED: Label(_("may be passed on"), GOOD, _("The built packages may be given to others.")),
        Redistribution.UNKNOWN: Label(
            _("not known whether it may be passed on"),
            PLAIN,
            _("Neither a licence that is known here nor the recipe says it: read the licence before you give it to others."),
        ),
        Redistribution.BINARIES_FORBIDDEN: Label(
            _("keep what you build"), BAD, _("The built packages must not be given to others.")
        ),
        Redistribution.FORBIDDEN: Label(
            _("not to be passed on"), BAD, _("Neither sources nor built packages may be given to others.")
        ),
    },
    "acceptance": {
        AcceptanceKind.NONE: Label(_("no acceptance needed"), PLAIN),
        AcceptanceKind.EXPLICIT: Label(
            _("licence to be accepted"), WARN, _("You have to read and accept a licence before you fetch.")
        ),
        AcceptanceKind.RISK_TOXIC_CANDY: Label(
            _("risk to be accepted"), WARN, _("You have to accept the risk of a ToxicCandy model.")
        ),
    },
    "model": {
        ModelVerdict.FREE: Label(_("free model"), GOOD, _("Weights, training data and training program are all free.")),
        ModelVerdict.TOXIC_CANDY: Label(
            _("ToxicCandy model"), WARN, _("The weights are free; what they were made from is not, or unknown.")
        ),
        ModelVerdict.NON_FREE: Label(_("non-free model"), BAD, _("The licence of the weights is not free.")),
        UNKNOWN_MODEL_CLASS: Label(_("model class unknown"), FAIR),
    },
    "osaid": {
        Osaid.COMPLIANT: Label(_("OSAID 1.0: open"), GOOD),
        Osaid.NOT_COMPLIANT: Label(_("OSAID 1.0: not open"), BAD),
        Osaid.UNKNOWN: Label(_("OSAID 1.0: unknown"), FAIR),
    },
    "lint": {
        "": Label(_("not checked yet"), PLAIN),
        "queued": Label(_("lint queued"), PLAIN, _("A runner will take it as soon as one is free.")),
        "running": Label(_("lint running"), PLAIN),
        "passed": Label(_("lint passed"), GOOD, _("The checks found no error.")),
        "failed": Label(_("lint failed"), BAD, _("The checks found errors.")),
        "error": Label(_("lint broke"), WARN, _("No verdict could be reached; the report says why.")),
    },
    # One stage of it.
    "stage_state": {
        "queued": Label(_("queued"), PLAIN, _("A runner will take it as soon as one is free.")),
        "running": Label(_("running"), PLAIN),
        "passed": Label(_("passed"), GOOD),
        "failed": Label(_("failed"), BAD),
        "error": Label(_("broke"), WARN, _("No verdict could be reached; the report says why.")),
        "cancelled": Label(_("cancelled"), FAIR, _("No verdict is wanted any more; the report says why.")),
    },
    "stage": {
        "recipe-checks": Label(_("Recipe checks"), PLAIN, _("The portal's own look at the recipe.")),
        "source-lint": Label(_("Source lint"), PLAIN, _("lintian on the source package.")),
        "trial-build": Label(_("Trial build"), PLAIN, _("Built in a sandbox without network, looked at, and thrown away.")),
    },
    # One light of a suite's row: a stage, or a step of the trial build.
    "light": {
        "none": Label(_("not built here"), PLAIN, _("No trial build is made of this recipe for this suite.")),
        "queued": Label(_("queued"), PLAIN, _("A runner will take it as soon as one is free.")),
        "running": Label(_("running"), FAIR),
        "passed": Label(_("passed"), GOOD),
        "failed": Label(_("failed"), BAD),
        "error": Label(_("broke"), WARN, _("No verdict could be reached; the report says why.")),
        "cancelled": Label(_("cancelled"), PLAIN),
        "skipped": Label(_("not done"), PLAIN),
    },
    "light_name": {
        "checks": Label(_("Checks"), PLAIN, _("The portal's own look at the recipe.")),
        "lint": Label(_("Lint"), PLAIN, _("lintian on the source package and on what was built.")),
        "build": Label(_("Build"), PLAIN, _("Built in a sandbox without network.")),
        "install": Label(_("Install"), PLAIN, _("Installed in a throw-away system, where its own tests run.")),
    },
    "step": {
        "fetch": Label(_("Fetch"), PLAIN),
        "dependencies": Label(_("Build dependencies"), PLAIN),
        "build": Label(_("Build"), PLAIN),
        "lint": Label(_("Lint of the packages"), PLAIN),
        "install": Label(_("Installation"), PLAIN),
        "tests": Label(_("Its own tests"), PLAIN),
        "rebuild": Label(_("Second build"), PLAIN),
    },
    # What a fact about built packages is about (formats.package_effects.Kind).
    "effect": {
        "setuid": Label(_("setuid file"), BAD, _("Runs with the rights of its owner, whoever starts it.")),
        "setgid": Label(_("setgid file"), BAD, _("Runs with the rights of its group, whoever starts it.")),
        "capabilities": Label(_("file with capabilities"), BAD, _("Runs with some of root's rights, whoever starts it.")),
        "unit": Label(_("systemd unit"), WARN),
        "timer": Label(_("systemd timer"), WARN),
        "cron": Label(_("cron job"), WARN),
        "init": Label(_("init script"), WARN),
        "udev": Label(_("udev rule"), WARN),
        "dbus": Label(_("D-Bus service or policy"), WARN),
        "polkit": Label(_("polkit rule"), BAD),
        "pam": Label(_("PAM configuration"), BAD),
        "sudoers": Label(_("sudo rule"), BAD),
        "kernel": Label(_("kernel, modules or boot"), BAD),
        "hook": Label(_("hook that root's programs run or read"), WARN),
        "apt": Label(_("apt's sources, keys or configuration"), BAD),
        "loader": Label(_("libraries that other programs load"), WARN),
        "login": Label(_("runs when somebody logs in"), WARN),
        "script": Label(_("maintainer script"), WARN, _("Runs as root when the package is installed or removed.")),
        "script-call": Label(_("what a script calls"), FAIR),
        "trigger": Label(_("trigger"), FAIR),
        "sticky": Label(_("sticky"), PLAIN),
        "outside": Label(_("outside of the usual folders"), WARN),
        "conffile": Label(_("configuration file"), PLAIN),
        "relation": Label(_("relation"), PLAIN),
        "size": Label(_("size"), PLAIN),
    },
    # A stage of the whole catalogue once more.
    "relint_state": {
        "running": Label(_("running"), PLAIN),
        "paused": Label(_("paused"), WARN, _("No more jobs are handed out until a moderator resumes it.")),
        "finished": Label(_("finished"), GOOD),
    },
    "severity": {
        "error": Label(_("error"), BAD),
        "warning": Label(_("warning"), WARN),
        "info": Label(_("info"), FAIR),
        "pedantic": Label(_("pedantic"), PLAIN),
        "classification": Label(_("classification"), PLAIN),
    },
    "review": {
        # Grey: that something is published says of nobody that they looked at it.
        "published": Label(_("published"), PLAIN, _("People get this revision. It does not say that anybody looked at it.")),
        "held": Label(_("held for review"), WARN, _("A trusted reviewer has to release it first.")),
        "quarantined": Label(_("quarantined"), BAD, _("Moderators have stopped it; do not build it.")),
    },
    "change": {
        "added": Label(_("added"), GOOD),
        "deleted": Label(_("deleted"), BAD),
        "changed": Label(_("changed"), FAIR),
        "renamed": Label(_("renamed"), FAIR),
    },
}
# What the facets of the search are called; those of LABELS say their values in its words, the others as they are written.
FACET_NAMES: dict[str, str | Promise] = {
    "suite": _("Suite"),
    "arch": _("Architecture"),
    "class": _("Licence"),
    "model": _("Model"),
    "lint": _("Lint"),
    "category": _("Category"),
}
_FACET_LABELS = {"class": "licence", "model": "model", "lint": "lint"}
# Where a search found a word, beside name and synopsis.
PASSAGE_NAMES: dict[str, str | Promise] = {
    "binary": _("binary package"),
    "provides": _("provides"),
    "keyword": _("keyword"),
    "description": _("description"),
    "maintainer": _("maintainer"),
    "uploader": _("uploader"),
    "model": _("model"),
}
# Worst first.
HINT_SEVERITIES = tuple(LABELS["severity"])

SORT_CHOICES: list[tuple[str, str | Promise]] = [
    ("", _("best match")),
    ("-updated", _("updated last")),
    ("-created", _("added last")),
    ("name", _("name")),
]


def label_of(kind: str, value: str) -> Label:
    """Return the label of `value`; a value that the table does not know is shown as it is, since data outlives code."""
    return LABELS[kind].get(value) or Label(value, PLAIN)


def facet_label(name: str, value: str) -> str | Promise:
    """Return what the value of a facet is called."""
    return label_of(_FACET_LABELS[name], value).text if name in _FACET_LABELS else value
