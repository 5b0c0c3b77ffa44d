"""Names below debian/ that Debian's own tools read: dpkg, debhelper and its add-ons, lintian, uscan, autopkgtest, debconf."""

# ruff: noqa: SIM905 - a list of words reads better without quotation marks

# debian/PACKAGE.SUFFIX or debian/SUFFIX: debhelper(7) and the manual pages of dh_*.
DEBHELPER_SUFFIXES = frozenset(
    """
    install links dirs docs examples manpages info doc-base lintian-overrides menu mime sharedmimeinfo bash-completion
    preinst postinst prerm postrm config templates triggers shlibs symbols conffiles cron.d cron.daily cron.hourly cron.weekly
    cron.monthly logrotate init default service socket timer path mount target tmpfiles sysusers udev modprobe modules-load pam
    ppp if-up if-down if-pre-up if-post-down emacsen-install emacsen-remove emacsen-startup logcheck.ignore.server
    logcheck.ignore.workstation gconf-defaults gsettings-override wm maintscript alternatives bug-control bug-presubj bug-script
    clean not-installed upstart tmpfile changelog NEWS README.Debian copyright udeb.install desktop appdata.xml metainfo.xml
    """.split()
)
KNOWN_FOLDERS = frozenset("patches source tests upstream po benchmarks".split())
# Files directly below debian/ and in the folders that tools know.
KNOWN_NAMES = frozenset(
    f"debian/{name}"
    for name in (
        DEBHELPER_SUFFIXES
        | set(
            """
            control control.in changelog changelog.in copyright copyright.in rules dur compat watch gbp.conf README.source
            README.Debian README.debian README.source.md NEWS salsa-ci.yml gitlab-ci.yml .gitlab-ci.yml
            source.lintian-overrides clean not-installed source/format source/options
            source/local-options source/local-patch-header source/patch-header source/lintian-overrides source/include-binaries
            source/timestamps tests/control patches/series upstream/metadata upstream/signing-key.asc
            upstream/signing-key.pgp upstream-signing-key.pgp py3dist-overrides pydist-overrides pyversions pybuild.testfiles
            autoreconf shlibs.local shlibs.local.in symbols.in files substvars menu.in rules.in debcargo.toml conffiles.in
            lintian-brush.conf README.md README bug-control patches
            """.split()
        )
    )
)
# What may stand beside debian/ in a recipe: documentation, and what git or a forge reads (names without suffix, upper case).
TOP_LEVEL = frozenset("README LICENSE LICENCE COPYING CHANGELOG CHANGES CONTRIBUTING SECURITY AUTHORS NEWS".split())
