"""Where bytes come from: an address in its normal form, and the project behind it.

Two addresses have the same origin where the same people decide what is there: on a forge the owner and the project, in a registry
the project, anywhere else the host, the folder and the name of the file without its version. Nothing is fetched here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_DEFAULT_PORTS = {"http": "80", "https": "443", "ftp": "21", "git": "9418", "ssh": "22"}
# A commit, or a shortened one as forges take it: digits and letters of a hexadecimal number, and both.
_COMMIT = re.compile(r"(?=[0-9a-f]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,64}|[0-9]{40}")
_ARCHIVE = re.compile(r"\.(?:tar(?:\.[a-z0-9]+)?|tgz|tbz2?|txz|zip|gem|crate|whl|gz|xz|bz2|zst|deb|dsc|7z|jar)$")
# A year, a day or a plain version as a folder's name.
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:[-.]?[0-9]{2}){0,2}")
_DOTTED = re.compile(r"[vr]?[0-9]+(?:[._][0-9]+)+(?:[._~-]?(?:rc|a|b|alpha|beta|pre|dev|post)?[0-9]*)")
_MAX_FOLDER = 64
_STEM = re.compile(r"(?P<stem>.*?)[-_.]?v?[0-9][^/]*", re.IGNORECASE | re.DOTALL)
_PYTHON_NAME = re.compile(r"[-_.]+")
# Hosts that give out another host's repositories.
_ALIASES = {
    "codeload.github.com": "github.com",
    "raw.githubusercontent.com": "github.com",
    "raw.github.com": "github.com",
    "media.githubusercontent.com": "github.com",
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "hf.co": "huggingface.co",
    "sf.net": "sourceforge.net",
    "prdownloads.sf.net": "prdownloads.sourceforge.net",
    "downloads.sf.net": "downloads.sourceforge.net",
    "ftp.debian.org": "deb.debian.org",
    "cdn-aws.deb.debian.org": "deb.debian.org",
    "httpredir.debian.org": "deb.debian.org",
    "ftp.gnu.org": "gnu.org",
    "ftpmirror.gnu.org": "gnu.org",
    "download-mirror.savannah.gnu.org": "download.savannah.gnu.org",
    "downloads.apache.org": "apache.org",
    "archive.apache.org": "apache.org",
    "dlcdn.apache.org": "apache.org",
}
# Forges whose paths begin with owner and project, on every host of theirs that is well known.
_OWNED = frozenset(
    {
        "github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "salsa.debian.org", "gitee.com", "git.sr.ht", "gitea.com",
        "framagit.org", "invent.kde.org", "gitlab.gnome.org", "gitlab.freedesktop.org", "gitlab.inria.fr", "0xacab.org",
        "huggingface.co", "git.disroot.org", "notabug.org", "gitlab.xfce.org", "gitlab.kitware.com",
    }
)  # fmt: skip
# What follows owner and project on a forge of any host. GitLab: /-/archive/…; Gitea and its kin: /archive/…, /releases/….
_FORGE_ACTIONS = frozenset(
    {"archive", "releases", "raw", "tarball", "zipball", "get", "downloads", "snapshot", "src", "resolve", "tags", "uploads"}
)
_FORGE_HOSTS = ("git.", "gitlab.", "gitea.", "forgejo.", "forge.", "code.", "src.")
# Places of a forge that others than the project's owners can fill: files in comments, pull and merge requests.
_STRANGERS = frozenset({"uploads", "user-attachments", "pull", "pulls", "merge_requests", "merge-requests", "suggestions"})
_REGISTRIES = frozenset({"pypi", "npm", "crates", "debian", "gem", "hackage", "cpan"})


@dataclass(frozen=True)
class Origin:
    """Where an address leads. `project` says who decides what is there; `address` is the normal form, of this file.

    `query` is what was asked with it, sorted; `is_commit`: the content is named by a commit, and anybody's fork or merge request
    can bring one under the project's own address; `is_strangers`: others than the project's owners put files there.
    """

    project: str
    address: str
    query: str = ""
    is_commit: bool = False
    is_strangers: bool = False


def origin_of(url: str, version: str = "") -> Origin:
    """Return the origin of the address `url`: https, git+https, pypi:, npm:, debian: and what else debian/watch may name.

    `version` is upstream's version that is fetched: folders that are named for it do not tell one origin from another.
    """
    scheme, _, rest = url.strip().partition(":")
    scheme = scheme.lower()
    if scheme in {"pypi", "npm", "debian"} and not rest.startswith("//"):
        return _registry(scheme, rest)
    bare = scheme.removeprefix("git+")
    try:
        parts = urlsplit(f"{bare}:{rest}")
        host, port = (parts.hostname or "").rstrip("."), _port(parts.netloc)
    except ValueError:
        return Origin(url.strip(), url.strip())
    segments = path_segments(parts.path)
    if host == "media.githubusercontent.com":
        segments = segments[1:]
    host = host.removeprefix("www.")
    host = _ALIASES.get(host, host) + (f":{port}" if port and port != _DEFAULT_PORTS.get(bare, "") else "")
    address = f"{host}/{'/'.join(segments)}"
    query = "&".join(sorted(filter(None, unquote(parts.query).split("&"))))
    pinned = parts.fragment.startswith("commit=")
    if scheme.startswith("git+"):
        return Origin(address.lower().removesuffix(".git"), address, query, pinned)
    found = _known(host, segments)
    if found is None:
        strangers = segments[:1] == ["-"] and "uploads" in segments
        return Origin(_by_folder(host, segments, query, version), address, query, pinned, strangers)
    if found.partition(":")[0] in _REGISTRIES:
        return Origin(found, _release(found, segments))
    commit = any(_COMMIT.fullmatch(_ARCHIVE.sub("", each.lower())) for each in segments[2:])
    forge = found.partition("/")[0]
    return Origin(found, _file_on_forge(found, host, segments), "", commit, _is_strangers(forge, segments))


def _is_strangers(forge: str, segments: Sequence[str]) -> bool:
    """Return whether a path on a forge leads to what others than the project's owners can put there."""
    if any(each in _STRANGERS for each in (*segments[:1], *segments[2:6])):
        return True
    return forge == "github.com" and segments[2:3] in (["files"], ["assets"])


def _file_on_forge(project: str, host: str, segments: Sequence[str]) -> str:
    """Return the normal form of a forge's address: in one case, and GitHub's several ways to a tag's archive as one."""
    parts = [each.lower() for each in segments]
    rest = parts[3:] if host == "api.github.com" else parts[2:]
    if (
        project.startswith("github.com/")
        and rest[:1]
        and rest[0] in {"archive", "tar.gz", "zip", "tarball", "zipball", "legacy.tar.gz"}
    ):
        reference = [each for each in rest[1:] if each not in {"refs", "tags", "heads"}]
        return f"{project}/archive/{_ARCHIVE.sub('', '/'.join(reference))}"
    return f"{host}/{'/'.join(parts)}"


def _release(project: str, segments: Sequence[str]) -> str:
    """Return the normal form of a registry's file: the same whether the registry's scheme or its host was written."""
    name = segments[-1].lower() if segments else ""
    if project.startswith("crates:"):
        return f"{project}/{segments[-2] if name == 'download' else _without(name, project)}"
    if project.startswith("npm:"):
        return f"{project}/{_without(name, project.rpartition('/')[2])}"
    return f"{project}/{name}"


def _without(name: str, project: str) -> str:
    """Return the version in a file's name."""
    return _ARCHIVE.sub("", name).removeprefix(project.rpartition(":")[2] + "-")


def path_segments(path: str) -> list[str]:
    """Return the parts of a path of an address, percent-encoding, `.`, `..` and empty parts resolved."""
    plain = posixpath.normpath("/" + unquote(path))
    return [each for each in plain.split("/") if each]


def same_address(one: Origin, other: Origin) -> bool:
    """Return whether both lead to the same file; a query counts only where both ask in the same words for another version."""
    if one.address != other.address:
        return False
    asked = [[part.partition("=")[0] for part in each.query.split("&")] for each in (one, other)]
    return one.query == other.query or asked[0] != asked[1]


def stem_of(filename: str) -> str:
    """Return a file's name without version and archive suffix: what a release keeps from one version to the next."""
    bare = _ARCHIVE.sub("", filename.lower())
    match = _STEM.fullmatch(bare)
    return match["stem"] if match else bare


def _port(netloc: str) -> str:
    """Return the port in the last part of a network location, empty where there is none."""
    _, colon, port = netloc.rpartition("@")[2].rpartition(":")
    return port.lstrip("0") if colon and port.isascii() and port.isdigit() else ""


def _registry(scheme: str, rest: str) -> Origin:
    """Return the origin of an address of debian/dur's own schemes: a project, a version and mostly a file."""
    parts = unquote(rest).strip("/").split("/")
    if scheme == "pypi":
        project = f"pypi:{_PYTHON_NAME.sub('-', parts[0].lower())}"
    elif scheme == "npm":
        project = f"npm:{'/'.join(parts[: 2 if parts[0].startswith('@') else 1]).lower()}"
    else:
        project = f"debian:{parts[0].lower()}"
    return Origin(project, f"{project}/{parts[-1].lower()}")


def _known(host: str, segments: Sequence[str]) -> str | None:
    """Return the project behind a path of a host that is known, or that is built as a forge is; None for any other."""
    for hosts, read in _READERS:
        if host in hosts and (project := read(segments)):
            return project
    if host == "github.com":
        return _owned(host, segments, 2)
    if host == "huggingface.co" and segments[:1] and segments[0] in {"datasets", "spaces"}:
        return _owned(host, segments, 3)
    if "-" in segments[2:]:
        # GitLab's paths have `/-/` behind the project, whatever groups stand before it.
        return _owned(host, segments, segments.index("-", 2))
    action = next((place for place, each in enumerate(segments) if place > 1 and each in _FORGE_ACTIONS), 0)
    if host in _OWNED or (action and host.startswith(_FORGE_HOSTS)):
        return _owned(host, segments, action or 2)
    return None


def _owned(host: str, segments: Sequence[str], size: int) -> str:
    """Return the first `size` parts, which name owner and project; forges take them in any case, and with `.git`."""
    return f"{host}/{'/'.join(segments[:size])}".lower().removesuffix(".git")


def _sourceforge(segments: Sequence[str]) -> str:
    """Return the project: /projects/NAME/files/…, /project/NAME/…, /p/NAME/…, or NAME itself on the older hosts."""
    parts = list(segments[1:] if segments[:1] and segments[0] in {"projects", "project", "p"} else segments)
    return f"sourceforge.net/{parts[0].lower()}" if parts and parts[0] not in {"u", "users", "userapps"} else ""


def _pypi_file(segments: Sequence[str]) -> str:
    """Return the project by the file's name: NAME-VERSION.tar.gz, or NAME-VERSION-TAGS.whl."""
    stem = stem_of(segments[-1]) if segments else ""
    return f"pypi:{_PYTHON_NAME.sub('-', stem)}" if stem else ""


def _pypi_site(segments: Sequence[str]) -> str:
    if len(segments) > 1 and segments[0] in {"project", "pypi", "simple"}:
        return f"pypi:{_PYTHON_NAME.sub('-', segments[1].lower())}"
    return _pypi_file(segments)


def _npm_registry(segments: Sequence[str]) -> str:
    size = 2 if segments[:1] and segments[0].startswith("@") else 1
    return f"npm:{'/'.join(segments[:size]).lower()}" if segments else ""


def _crates(segments: Sequence[str]) -> str:
    """Return the crate: /crates/NAME/…, or /api/v1/crates/NAME/VERSION/download."""
    parts = list(segments)
    return f"crates:{parts[parts.index('crates') + 1].lower()}" if "crates" in parts[:-1] else ""


def _debian_pool(segments: Sequence[str]) -> str:
    """Return the source package: …/pool/main/h/hello/hello_2.10.orig.tar.gz."""
    parts = list(segments)
    return f"debian:{parts[-2].lower()}" if "pool" in parts[:-4] else ""


def _second(prefix: str, first: str) -> Callable[[Sequence[str]], str]:
    """Return a reader of paths `/FIRST/PROJECT/…`."""
    return lambda segments: f"{prefix}{segments[1].lower()}" if len(segments) > 1 and segments[0] == first else ""


def _first(prefix: str) -> Callable[[Sequence[str]], str]:
    """Return a reader of paths `/PROJECT/…`; below a person's own folder or fork, the whole path counts."""
    return lambda segments: (
        f"{prefix}{segments[0].lower()}" if segments and segments[0][0] != "~" and segments[0] != "fork" else ""
    )


def _gem(segments: Sequence[str]) -> str:
    stem = stem_of(segments[-1]) if segments else ""
    return f"gem:{stem}" if stem else ""


def _github_api(segments: Sequence[str]) -> str:
    """Return owner and project: /repos/OWNER/PROJECT/tarball/…."""
    return _owned("github.com", segments[1:], 2) if segments[:1] == ["repos"] else ""


_READERS: tuple[tuple[frozenset[str], Callable[[Sequence[str]], str]], ...] = (
    (frozenset({"sourceforge.net", "downloads.sourceforge.net", "prdownloads.sourceforge.net",
                "master.dl.sourceforge.net"}), _sourceforge),
    (frozenset({"files.pythonhosted.org"}), _pypi_file),
    (frozenset({"pypi.org", "pypi.python.org", "pypi.debian.net"}), _pypi_site),
    (frozenset({"registry.npmjs.org"}), _npm_registry),
    (frozenset({"crates.io", "static.crates.io", "index.crates.io"}), _crates),
    (frozenset({"rubygems.org"}), _gem),
    (frozenset({"api.github.com"}), _github_api),
    (frozenset({"hackage.haskell.org"}), _second("hackage:", "package")),
    (frozenset({"deb.debian.org", "snapshot.debian.org", "security.debian.org"}), _debian_pool),
    (frozenset({"launchpad.net"}), _first("launchpad.net/")),
    (frozenset({"pagure.io", "releases.pagure.org"}), _first("pagure.io/")),
)  # fmt: skip


def _by_folder(host: str, segments: Sequence[str], query: str, version: str) -> str:
    """Return host, folder and the file's name without what a version changes: any of them may belong to somebody else."""
    folders = [each for each in segments[:-1] if not _is_version(each, version)]
    name = stem_of(segments[-1]) if segments else ""
    asked = re.sub(r"[0-9]+", "", query.replace(version, "") if version else query)
    return "/".join([host, *folders, *([name] if name else [])]) + (f"?{asked}" if asked else "")


def _is_version(folder: str, version: str) -> bool:
    """Return whether a folder is named for a version: for the one at hand or its first numbers, a date, or numbers with dots."""
    if len(folder) > _MAX_FOLDER:
        return False
    plain = folder.lower().removeprefix("v").replace("_", ".")
    if version and plain[:1].isdigit() and (version.lower().startswith(plain) or plain.startswith(version.lower())):
        return True
    return _DATE.fullmatch(folder) is not None or _DOTTED.fullmatch(folder.lower()) is not None
