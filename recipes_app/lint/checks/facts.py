"""Facts about one command that several checks ask for: does it fetch, decode, run what it is given, or write, and where to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .languages import FETCH, REVERSE_SHELL
from .scripting.programs import INTERPRETERS, names
from .scripting.shell_command import Command

_ANY = names("curl wget wget2 aria2c axel lftp ncftpget wput uscan gdown youtube-dl yt-dlp httpie zsync tftp prozilla")
# These also read local files and pipes: only an address makes them fetch.
_WITH_ADDRESS = names(
    "lynx links links2 elinks w3m ftp ncftp rsync scp sftp aws gsutil rclone http https xh fetch GET POST lwp-request "
    "lwp-download  svn"
)
_ADDRESS = re.compile(r"(?:https?|ftps?|sftp|rsync|s3|gs|git|ssh|svn)://|^[A-Za-z0-9._-]*@?[A-Za-z0-9.-]+\.[a-z]{2,}:")
_ASKING = frozenset({"--version", "-V", "--help", "-h", "-v"})
_REPOSITORY = {
    "git": {"clone", "fetch", "pull", "ls-remote", "submodule", "remote-update"},
    "hg": {"clone", "pull"},
    "svn": {"co", "checkout", "export", "up", "update"},
    "bzr": {"branch", "checkout", "pull"},
    "brz": {"branch", "checkout", "pull"},
    "darcs": {"get", "clone", "pull"},
    "fossil": {"clone"},
    "cvs": {"co", "checkout", "update"},
    "gh": {"repo", "release"},
}
_MANAGERS = {
    "pip": {"install", "download", "wheel"},
    "pipx": {"install", "run"},
    "uv": {"pip", "sync", "add", "tool", "run"},
    "poetry": {"install", "update", "add"},
    "conda": {"install", "create"},
    "npm": {"install", "i", "ci", "add", "exec", "x", "update"},
    "pnpm": {"install", "i", "add", "dlx", "exec"},
    "yarn": {"install", "add", "dlx"},
    "bun": {"install", "i", "add", "x"},
    "deno": {"install", "cache"},
    "gem": {"install", "update", "fetch"},
    "bundle": {"install", "update"},
    "cargo": {"install", "fetch", "update", "add"},
    "go": {"get", "install"},
    "composer": {"install", "update", "require"},
    "luarocks": {"install"},
    "opam": {"install"},
    "cabal": {"update", "install"},
    "stack": {"setup"},
    "dotnet": {"restore", "tool"},
    "nuget": {"install", "restore"},
    "docker": {"pull", "run", "build"},
    "podman": {"pull", "run", "build"},
    "flatpak": {"install"},
    "snap": {"install"},
    "brew": {"install"},
    "rustup": {"install", "toolchain", "default"},
    "mix": {"deps.get"},
    "huggingface-cli": {"download"},
    "hf": {"download"},
    "ollama": {"pull", "run"},
}
_ALWAYS = frozenset(
    {"npx", "bunx", "pnpx", "uvx", "cpan", "cpanm", "easy_install", "easy_install3", "nvm", "debootstrap", "mmdebstrap"}
)
_OFFLINE = (
    "--no-index",
    "--offline",
    "--frozen",
    "--local",
    "--dry-run",
    "--version",
    "--help",
    "--simulate",
    "-mod=vendor",
    "--no-fetch",
)
_DECODING = {
    "base64": ("-d", "-D", "--decode", "-di"),
    "base32": ("-d", "--decode"),
    "basenc": ("-d", "--decode"),
    "xxd": ("-r",),
    "openssl": ("-d", "enc", "base64"),
    "gpg": ("-d", "--decrypt", "--dearmor"),
    "gpg2": ("-d", "--decrypt"),
    "uudecode": (),
    "age": ("-d",),
    "gzip": ("-d", "--decompress"),
    "xz": ("-d",),
    "bzip2": ("-d",),
    "gunzip": (),
    "zcat": (),
    "bzcat": (),
    "xzcat": (),
    "unxz": (),
}
# `rev`, `tr` and others only hide where what they print is run by a shell as it comes.
_SHUFFLING = frozenset({"rev", "tr", "od", "hexdump", "tac"})
_READS_INPUT = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/dev/fd/63", "-s"})


def fetches(command: Command) -> str:
    """Return how the command uses the network: `program`, `repository`, `code`, or empty where it does not."""
    name, words = command.program, command.arguments
    if name.endswith(f":{FETCH}"):
        return "code"
    if not words or (len(words) == 1 and words[0] in _ASKING):
        return ""
    if name in _REPOSITORY:
        return "repository" if _talks_to_repository(command) else ""
    addressed = name in _WITH_ADDRESS and any(_ADDRESS.search(word) for word in words)
    return "program" if name in _ANY or addressed or (name == "openssl" and "s_client" in words) else ""


def _talks_to_repository(command: Command) -> bool:
    verbs = _REPOSITORY[command.program]
    operands = _without_values(command, "-C", "-c", "--git-dir", "--work-tree", "-R")
    if not operands or operands[0] not in verbs:
        return "archive" in operands[:1] and command.has_option("--remote")
    if operands[0] == "submodule":
        return "update" in operands or "add" in operands
    if operands[0] == "clone" and len(operands) > 1:
        # A clone of a folder of the machine fetches nothing.
        return not operands[1].startswith((".", "/"))
    return True


def _without_values(command: Command, *valued: str) -> list[str]:
    """Return the operands, without those that are the value of an option of `valued`."""
    found, skip = [], False
    for word in command.arguments:
        if skip:
            skip = False
        elif word in valued:
            skip = True
        elif not word.startswith("-"):
            found.append(word)
    return found


def installs_packages(command: Command) -> bool:
    """Return whether the command has a package manager of a language or of containers fetch something."""
    name, words = command.program, command.arguments
    if any(word.startswith(_OFFLINE) for word in words):
        return False
    if re.fullmatch(r"python[0-9.]*|pypy3?", name) and words[:2] == ("-m", "pip"):
        name, words = "pip", words[2:]
    if re.fullmatch(r"pip[0-9.]*", name):
        name = "pip"
    operands = [word for word in words if not word.startswith("-")]
    if name in _ALWAYS:
        return bool(words) and words[0] not in _ASKING
    verbs = _MANAGERS.get(name)
    if not verbs or not operands or operands[0] not in verbs:
        return name == "go" and operands[:2] == ["mod", "download"]
    if name == "go" and operands[0] == "install":
        return any("@" in word for word in operands)
    if name == "pip":
        # `pip install --no-deps .` takes what lies there.
        return not ("--no-deps" in words and all(word in {".", "./"} or word.endswith(".whl") for word in operands[1:]))
    return True


def decodes(command: Command) -> bool:
    """Return whether the command turns encoded, encrypted or compressed text into something else."""
    options = _DECODING.get(command.program)
    return options is not None and (
        not options or command.has_option(*options) or any(word in options for word in command.arguments)
    )


def runs_input(command: Command) -> bool:
    """Return whether the command runs what it reads or what its words were made of: a shell, eval, an interpreter."""
    name = command.program
    if command.is_shell:
        return True
    if (name in INTERPRETERS and name not in {"awk", "gawk", "mawk"}) or name.startswith("python"):
        return not command.operands or bool(_READS_INPUT.intersection(command.arguments)) or command.has_option("-c", "-e", "-r")
    return name in {"eval", "source", "."}


def sources_of(command: Command) -> Iterator[Command]:
    """Yield the commands whose output `command` runs: of its pipe where it reads that, and of its words."""
    if not runs_input(command):
        # $(curl …) as a command of its own runs what is printed.
        if command.words[:1] == ("$()",):
            yield from command.inner
        return
    name = command.program
    script = command.has_option("-c") or name == "eval" or any(word.startswith("/dev/fd/") for word in command.arguments)
    if script or name in {"source", "."} or command.document is not None:
        yield from _deep(command.inner)
    reads_pipe = (
        not command.operands or command.has_option("-s") or _READS_INPUT.intersection(command.arguments) or name == "eval"
    )
    if (reads_pipe or "xargs" in command.via) and not (command.has_option("-c") and not ({"xargs"} & set(command.via))):
        yield from command.piped_from


def _deep(commands: tuple[Command, ...], depth: int = 4) -> Iterator[Command]:
    """Yield commands and those that feed them."""
    for command in commands:
        yield command
        if depth:
            yield from _deep(command.inner, depth - 1)


def runs_what_is_fetched(command: Command) -> bool:
    """Return whether a shell or an interpreter runs what comes from the network."""
    return any(fetches(source) for source in sources_of(command))


def runs_what_is_decoded(command: Command) -> bool:
    """Return whether a shell or an interpreter runs what was decoded."""
    for source in sources_of(command):
        if decodes(source):
            return True
        if source.program in _SHUFFLING and command.is_shell and source in command.piped_from[-1:]:
            return True
    return False


def is_reverse_shell(command: Command) -> bool:
    """Return whether the command connects a shell to the network."""
    if command.program.endswith(f":{REVERSE_SHELL}"):
        return True
    paths = (*command.writes, *command.reads, *command.words)
    if any(re.match(r"/dev/(?:tcp|udp)/", word) for word in paths):
        return True
    if command.program in {"nc", "ncat", "netcat", "nc.traditional", "nc.openbsd"}:
        fed = any(source.is_shell for source in command.piped_from)
        return fed or command.has_option("-e", "-c", "--exec", "--sh-exec")
    return command.program == "socat" and any(re.search(r"(?:exec|system):", word, re.IGNORECASE) for word in command.words)
