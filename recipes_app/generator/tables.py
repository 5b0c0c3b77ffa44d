"""What apt's lists do not know: how often licences, categories and lintian's tags occur. Shares of a whole, in one place each.

Licences: the share of debian/copyright files of the archive's main that name them, rounded, and what user repositories add of
non-free ones. Tags: shares of source packages, in the order of lintian's own site for bookworm.
"""

from __future__ import annotations

from dataclasses import dataclass

# Short names of the copyright format 1.0, section 7.1, and the weight of each.
LICENCES = {
    "GPL-2+": 24, "Expat": 22, "GPL-3+": 13, "BSD-3-clause": 8, "Apache-2.0": 8, "LGPL-2.1+": 6, "GPL-2": 3, "GPL-3": 3,
    "Artistic or GPL-1+": 7, "BSD-2-clause": 2, "MPL-2.0": 1.5, "ISC": 1.2, "AGPL-3+": 1, "CC0-1.0": 0.8, "LGPL-3+": 1,
    "Zlib": 0.6, "PSF-2.0": 0.5, "OFL-1.1": 0.8, "CC-BY-SA-4.0": 0.7, "CC-BY-NC-4.0": 1.2, "BUSL-1.1": 0.6, "Proprietary": 1.8,
}  # fmt: skip

CATEGORIES = {"source": 63, "repack": 14, "variant": 12, "model": 6, "data": 3, "trick": 2}
SUITES = {("bookworm",): 35, ("trixie",): 25, ("bookworm", "trixie"): 30, ("trixie", "forky"): 7, ("bullseye", "bookworm"): 3}
PROVENANCES = {"": 45, "human": 30, "ai-assisted": 18, "ai-generated": 7}


@dataclass(frozen=True)
class TagShape:
    """A tag of lintian 2.116: its severity, the share of source packages that have it, and what the hint says."""

    tag: str
    severity: str
    share: float
    context: str = ""
    path: str = ""
    # How often it occurs in a package that has it, at most.
    most: int = 1


TAGS = (
    TagShape("out-of-date-standards-version", "info", 0.46, "4.6.1 (released 2022-05-11) (current is 4.6.2)"),
    TagShape("silent-on-rules-requiring-root", "pedantic", 0.38, "", "debian/control"),
    TagShape("upstream-metadata-file-is-missing", "pedantic", 0.41),
    TagShape("update-debian-copyright", "pedantic", 0.24, "2021 vs 2023", "debian/copyright"),
    TagShape("trailing-whitespace", "pedantic", 0.2, "", "debian/changelog", 6),
    TagShape("very-long-line-length-in-source-file", "pedantic", 0.18, "line 1 is 1213 characters long (>512)", "src/data.js", 9),
    TagShape("debian-watch-file-is-missing", "info", 0.16),
    TagShape("debian-watch-does-not-check-openpgp-signature", "pedantic", 0.1, "", "debian/watch"),
    TagShape("package-does-not-install-examples", "pedantic", 0.09, "examples/"),
    TagShape("no-homepage-field", "pedantic", 0.07),
    TagShape("patch-not-forwarded-upstream", "info", 0.12, "", "debian/patches/fix-build.patch", 4),
    TagShape("quilt-patch-missing-description", "info", 0.08, "", "debian/patches/paths.patch", 3),
    TagShape("package-uses-old-debhelper-compat-version", "pedantic", 0.15, "12"),
    TagShape("package-uses-deprecated-debhelper-compat-version", "warning", 0.05, "9"),
    TagShape("unused-license-paragraph-in-dep5-copyright", "info", 0.05, "gpl-2", "debian/copyright", 2),
    TagShape("missing-license-paragraph-in-dep5-copyright", "warning", 0.03, "gpl-3+", "debian/copyright", 2),
    TagShape("no-dep5-copyright", "pedantic", 0.06, "", "debian/copyright"),
    TagShape("insecure-copyright-format-uri", "pedantic", 0.03, "http://www.debian.org/doc/", "debian/copyright"),
    TagShape("homepage-field-uses-insecure-uri", "pedantic", 0.05, "http://example.org/"),
    TagShape("obsolete-url-in-packaging", "warning", 0.03, "http://sourceforge.net/", "debian/watch"),
    TagShape("missing-vcs-browser-field", "info", 0.04, "Vcs-Git"),
    TagShape("vcs-field-uses-insecure-uri", "info", 0.02, "Vcs-Git git://example.org/"),
    TagShape("uses-debhelper-compat-file", "pedantic", 0.04),
    TagShape("recommended-field", "warning", 0.02, "Rules-Requires-Root", "debian/control"),
    TagShape("debian-changelog-line-too-long", "warning", 0.03, "", "debian/changelog", 2),
    TagShape("public-upstream-key-not-minimal", "info", 0.03, "has 2 extra signature(s)", "debian/upstream/signing-key.asc"),
    TagShape("older-source-format", "info", 0.03, "1.0"),
    TagShape("missing-debian-source-format", "warning", 0.02),
    TagShape("no-nmu-in-changelog", "warning", 0.02, "", "debian/changelog"),
    TagShape("source-nmu-has-incorrect-version-number", "warning", 0.02, "1.0-1"),
    TagShape("mismatched-override", "warning", 0.02, "", "debian/source/lintian-overrides", 3),
    TagShape("build-depends-on-obsolete-package", "warning", 0.02, "Build-Depends: libpcre3-dev", "debian/control"),
    TagShape("space-in-std-shortname-in-dep5-copyright", "warning", 0.015, "gpl 2", "debian/copyright", 2),
    TagShape("syntax-error-in-dep5-copyright", "warning", 0.01, "cannot parse line", "debian/copyright"),
    TagShape("description-synopsis-starts-with-article", "warning", 0.01, "", "debian/control"),
    TagShape("debian-rules-uses-deprecated-makefile", "warning", 0.01, "", "debian/rules"),
    TagShape("custom-compression-in-debian-rules", "warning", 0.008, "dh_builddeb -- -Zxz", "debian/rules"),
    TagShape("source-contains-prebuilt-binary", "pedantic", 0.01, "", "lib/helper.so", 4),
    TagShape("source-is-missing", "error", 0.012, "", "static/app.min.js", 5),
    TagShape("missing-build-dependency-for-dh-addon", "error", 0.01, "python3 => dh-python", "debian/rules"),
    TagShape("license-problem-non-free-RFC", "error", 0.004, "", "doc/rfc2616.txt"),
    TagShape("no-copyright-file", "error", 0.006),
    TagShape("field-too-long", "error", 0.002, "Build-Depends (5012 chars > 5000)", "debian/control"),
)  # fmt: skip
LINTIAN_VERSION = "2.116.3+deb12u1"
