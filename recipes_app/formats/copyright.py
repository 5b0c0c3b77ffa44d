"""debian/copyright: the licences of a machine-readable file (copyright format 1.0, DEP-5). Any other text is allowed, too."""

from __future__ import annotations

from .deb822 import Field, Paragraph, read_paragraphs
from .findings import Severity
from .licences import read_licence
from .metadata import LicenceTag
from .report import Report
from .text import decode

PATH = "debian/copyright"


def parse_copyright(data: bytes, report: Report) -> tuple[LicenceTag, ...]:
    """Return a tag for each licence expression of the header and the Files paragraphs, in the order of the file.

    Stand-alone License paragraphs only carry texts, and count where nothing else names a licence. No fault of this file
    refuses a recipe: Debian's tools do not read it, and the class is then unknown.
    """
    text = decode(data, report, Severity.WARNING)
    if text is None:
        return ()
    attempt = Report(report.path)
    paragraphs = read_paragraphs(text, attempt, Severity.WARNING)
    if not paragraphs or not (paragraphs[0].get("Format") or paragraphs[0].get("Format-Specification")):
        report.info(
            "copyright-not-machine-readable",
            1,
            "the file is not in the machine-readable format, so that no licence can be told from it",
            "write it as copyright-format 1.0 says, with a first field Format",
        )
        return ()
    for finding in attempt.findings():
        report.add(finding.severity, finding.id, finding.line, finding.message, finding.remedy)
    for paragraph in paragraphs[1:]:
        _check(paragraph, report)
    naming = [paragraph for paragraph in paragraphs if paragraph is paragraphs[0] or paragraph.get("Files")]
    return _tags(naming) or _tags(paragraphs)


def _check(paragraph: Paragraph, report: Report) -> None:
    """Record what a paragraph behind the header lacks (copyright format 1.0, section 4.2)."""
    if paragraph.get("Files"):
        for name in ("Copyright", "License"):
            if not paragraph.value(name):
                message = f"the Files paragraph has no {name}"
                report.warning("copyright-missing-field", paragraph.line, message, f"add a field {name} to it")
    elif not paragraph.get("License"):
        message = "a paragraph was found that has neither Files nor License"
        report.warning("copyright-stray-paragraph", paragraph.line, message, "remove the blank line above it, or add the field")


def _tags(paragraphs: list[Paragraph]) -> tuple[LicenceTag, ...]:
    """Return the distinct licences that the License fields of `paragraphs` name in their first lines."""
    tags: dict[str, LicenceTag] = {}
    for paragraph in paragraphs:
        field = paragraph.get("License")
        name = _short_name(field) if field else ""
        if name and name not in tags:
            licence = read_licence(name)
            tags[name] = LicenceTag(name, licence.spdx, licence.licence_class, "copyright")
    return tuple({tag.spdx: tag for tag in reversed(tags.values())}.values())[::-1]


def _short_name(field: Field) -> str:
    return " ".join(field.rows[0].text.split())
