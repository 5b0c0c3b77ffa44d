"""`./dev bench siege`: how long the first page takes while others do their worst, behind nginx as deploy/ has it.

    ./dev bench siege [--seconds N] [--write]

A site of production (PostgreSQL, Redis, gunicorn by dur-web.service, nginx by nginx.conf without TLS), and beside the probes:
nothing; 300 clients that send a request a byte at a time; 16 pushes of scripts that are made to keep the checks busy; 12 uploads
of archives that are made to be unpacked for ever; all of them together.
--write puts the table into docs/performance.md. The exit status is 1 where a first page took GOAL_SECONDS or more.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")

import django

django.setup()

from devtools.bootstrap import ROOT, say  # noqa: E402
from devtools.programs import ADDRESS, free_port, listens  # noqa: E402
from recipes_app.limits import MIB  # noqa: E402
from tests.factories import commit_tree, recipe_tree  # noqa: E402
from tests.hostile.scripts import SHELL, shell_tree  # noqa: E402
from tests.hostile.uploads import archives, send_upload, sign_in_script  # noqa: E402

from .servers import git_environment  # noqa: E402
from .site import CannotMeasure, Site, Size, run, running_site  # noqa: E402

DOCUMENT = ROOT / "docs" / "performance.md"
GOAL_SECONDS = 1.0
_SLOW, _PUSHES, _UPLOADS = 300, 16, 12
_BEGIN, _END = "<!-- siege: begin -->", "<!-- siege: end -->"
# Debian's /etc/nginx/proxy_params.
_PROXY = """proxy_set_header Host $http_host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
"""


def main() -> int:
    """Measure, print, and where asked write; return the exit status."""
    parser = argparse.ArgumentParser(prog="./dev bench siege")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long each siege lasts (default: 15)")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    arguments = parser.parse_args()
    rows = ["| beside | first pages | median, ms | slowest, ms |", "|---|--:|--:|--:|"]
    worst = 0.0
    try:
        with running_site(Size.of(30), None) as site, _nginx(site) as url:
            pushes = _prepared(site, url)
            uploads = _prepared_uploads(site, url)
            slow = [lambda over: _dawdle(url, over)] * _SLOW
            sieges: dict[str, Sequence[Callable[[threading.Event], None]]] = {
                "nothing": (),
                f"{_SLOW} slow clients": slow,
                f"{_PUSHES} hostile pushes": pushes[:_PUSHES],
                f"{_UPLOADS} hostile uploads": uploads,
                "all of them": [*slow, *pushes[_PUSHES:], *uploads],
            }
            for name, siege in sieges.items():
                times = _probed(url, siege, arguments.seconds)
                worst = max(worst, *times)
                rows.append(f"| {name} | {len(times)} | {statistics.median(times) * 1000:.0f} | {max(times) * 1000:.0f} |")
                say(rows[-1])
    except CannotMeasure as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(rows))
    if arguments.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        before, _, rest = text.partition(_BEGIN)
        DOCUMENT.write_text("\n".join([before + _BEGIN, *rows, _END + rest.partition(_END)[2]]), encoding="utf-8")
    return 1 if worst >= GOAL_SECONDS else 0


@contextmanager
def _nginx(site: Site) -> Iterator[str]:
    """Start nginx with deploy/nginx.conf before the site, over plain HTTP; yields its address."""
    port, folder = free_port(), site.folder / "nginx"
    folder.mkdir()
    (folder / "proxy_params").write_text(_PROXY)
    both = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    # The one for port 80 leads to the other.
    server = both[both.rindex("server {") :]
    server = re.sub(r"(?m)^ *(listen|ssl_\w+) .*;\n", "", server).replace(
        "server {", f"server {{\n    listen {ADDRESS}:{port};", 1
    )
    server = server.replace("http://127.0.0.1:8000", site.url).replace("include proxy_params", f"include {folder}/proxy_params")
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error; worker_processes auto; worker_rlimit_nofile 8192;\n"
        f"events {{ worker_connections 2048; }}\nhttp {{ access_log off; {places}{server} }}\n"
    )
    with ExitStack() as stack:
        try:
            process = subprocess.Popen(["nginx", "-e", f"{folder}/error", "-c", f"{folder}/nginx.conf", "-p", str(folder)])
        except FileNotFoundError as error:
            raise CannotMeasure("nginx is not installed: apt-get install nginx") from error
        stack.callback(process.wait)
        stack.callback(process.terminate)
        while not listens(port):
            if process.poll() is not None:
                raise CannotMeasure("nginx did not start: " + (folder / "error").read_text()[-1_000:])
            time.sleep(0.05)
        yield f"http://{ADDRESS}:{port}"


def _prepared(site: Site, url: str) -> list[Callable[[threading.Event], None]]:
    """Return what pushes, each as an account of its own, twice the number that goes at once."""
    acts: list[Callable[[threading.Event], None]] = []
    kinds = list(SHELL)
    for number in range(2 * _PUSHES):
        name, account = f"siege-{number}", f"siege{number}"
        run(site.environment, "manage", "create_account", account, f"{account}@dur.invalid", "--verified", "--no-password")
        token = run(site.environment, "manage", "create_token", account, "--scope", "push").strip()
        folder = site.folder / name
        tree = shell_tree(SHELL[kinds[number % len(kinds)]], 2 * MIB)
        tree.pop("debian/control")
        commit_tree(recipe_tree(name) | tree, folder)
        parts = urlsplit(url)
        acts.append(_push(folder, f"http://{account}:{token}@{parts.netloc}/git/{name}.git"))
    return acts


def _prepared_uploads(site: Site, url: str) -> list[Callable[[threading.Event], None]]:
    """Return what uploads, each as an account of its own, again and again until it is over."""
    acts = []
    kinds = list(archives().values())
    for number in range(_UPLOADS):
        account = f"upload{number}"
        run(site.environment, "manage", "create_account", account, f"{account}@dur.invalid", "--verified", "--no-password")
        session = run(site.environment, "manage", "shell", "--verbosity", "0", "--command", sign_in_script(account)).split()[-1]
        status, _ = send_upload(url, session, *kinds[number % len(kinds)], origin=site.url)
        if status not in (400, 503):
            raise CannotMeasure(f"an upload was answered with {status}: nobody looked at it")
        acts.append(_upload(url, session, kinds[number % len(kinds)], site.url))
    return acts


def _upload(url: str, session: str, archive: tuple[str, bytes], origin: str) -> Callable[[threading.Event], None]:
    def upload(over: threading.Event) -> None:
        while not over.is_set():
            send_upload(url, session, *archive, origin=origin)

    return upload


def _push(folder: Path, address: str) -> Callable[[threading.Event], None]:
    def push(_over: threading.Event) -> None:
        command = ["git", "push", "-q", address, "HEAD:main"]
        subprocess.run(command, cwd=folder, env=git_environment(), capture_output=True, check=False, timeout=300)

    return push


def _dawdle(url: str, over: threading.Event) -> None:
    """Send a request one byte at a time, and never end it."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or ADDRESS, parts.port or 80), timeout=30) as connection:
        head = f"POST /submit/upload/ HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 100000\r\n\r\n"
        for letter in head + "x" * 100_000:
            try:
                connection.sendall(letter.encode())
            except OSError:
                return
            if over.wait(0.1):
                return


def _probed(url: str, siege: Sequence[Callable[[threading.Event], None]], seconds: float) -> list[float]:
    """Return how long each first page took while `siege` went on, and until it is over."""
    over = threading.Event()
    threads = [threading.Thread(target=act, args=(over,)) for act in siege]
    for thread in threads:
        thread.start()
    times = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        # Each another address: none is answered with what is kept.
        start = time.perf_counter()
        with urllib.request.urlopen(f"{url}/?probe={time.monotonic_ns()}", timeout=120) as page:
            page.read()
        times.append(time.perf_counter() - start)
        time.sleep(0.1)
    over.set()
    for thread in threads:
        thread.join()
    return times


if __name__ == "__main__":
    sys.exit(main())
