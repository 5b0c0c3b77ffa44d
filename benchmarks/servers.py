"""The two servers that are compared: the portal under gunicorn, and git-http-backend under nginx and fcgiwrap.

Both listen on the loopback address, live in a folder that is thrown away, and are stopped by their process ids.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from devtools.bootstrap import ROOT
from devtools.programs import ADDRESS, free_port, listens, web
from devtools.supervisor import Program, Supervisor

START_SECONDS = 60.0
_HTTP_BACKEND = "/usr/lib/git-core/git-http-backend"
_FCGI_PROCESSES = "4"

# What git-http-backend(1) gives as its example for a web server, as nginx writes it. Protocol v2 needs the last parameter.
_NGINX = """\
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
worker_processes 2;
events {{ }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    server {{
        listen {address}:{port};
        location ~ ^/git(/.*)$ {{
            fastcgi_pass unix:{folder}/fcgiwrap.socket;
            fastcgi_param SCRIPT_FILENAME {backend};
            fastcgi_param GIT_PROJECT_ROOT {folder}/repositories;
            fastcgi_param GIT_HTTP_EXPORT_ALL "";
            fastcgi_param PATH_INFO $1;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param GIT_PROTOCOL $http_git_protocol;
        }}
    }}
}}
"""


@dataclass(frozen=True)
class Server:
    """A git server at work. `url` is what NAME.git is appended to, with credentials where they are needed."""

    label: str
    url: str


def git_environment() -> dict[str, str]:
    """Return an environment in which git reads no configuration and asks nobody anything."""
    return {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def portal_environment(data: Path, port: int) -> dict[str, str]:
    """Return the environment of a portal of its own in `data`."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings.embedded",
        "PORTAL_DATA": str(data),
        "PORTAL_PORT": str(port),
        "PORTAL_LOG_LEVEL": "WARNING",
    }


def manage(environment: dict[str, str], *arguments: str, answer: str = "", root: Path = ROOT) -> str:
    """Run a management command of the checkout `root` and return what it printed. Raises CalledProcessError."""
    command = [sys.executable, str(root / "manage.py"), *arguments]
    return subprocess.run(command, env=environment, input=answer, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def start_portal(supervisor: Supervisor, data: Path, root: Path = ROOT) -> Server:
    """Start the portal with one account and return it, with that account's token in the address.

    The supervisor's working folder is `root`, the checkout whose code is run.
    """
    port = free_port()
    environment = portal_environment(data, port)
    manage(environment, "migrate", "--verbosity", "0", root=root)
    manage(environment, "collectstatic", "--noinput", "--verbosity", "0", root=root)
    manage(environment, "create_account", "bench", "bench@dur.invalid", "--verified", "--no-password", root=root)
    token = manage(environment, "create_token", "bench", root=root)
    program = web(port)
    supervisor.start(Program("portal", program.command, environment, program.ready))
    supervisor.wait_until_ready(START_SECONDS)
    return Server("portal", f"http://bench:{token}@{ADDRESS}:{port}/git/")


def start_http_backend(supervisor: Supervisor, folder: Path) -> Server:
    """Start nginx and fcgiwrap over `folder`/repositories and return the server; anybody may push, nothing is checked."""
    port = free_port()
    (folder / "repositories").mkdir(parents=True)
    # nginx gives its own user up for this one when it is started by root, and warns when it is not.
    user = "root" if os.geteuid() == 0 else "nobody"
    configuration = folder / "nginx.conf"
    configuration.write_text(_NGINX.format(folder=folder, user=user, address=ADDRESS, port=port, backend=_HTTP_BACKEND))
    listener = f"unix:{folder}/fcgiwrap.socket"
    supervisor.start(Program("fcgiwrap", ("fcgiwrap", "-c", _FCGI_PROCESSES, "-s", listener), git_environment()))
    command = ("/usr/sbin/nginx", "-p", str(folder), "-e", str(folder / "nginx-error.log"), "-c", str(configuration))
    supervisor.start(Program("nginx", command, ready=lambda _: listens(port)))
    supervisor.wait_until_ready(START_SECONDS)
    return Server("git-http-backend", f"http://{ADDRESS}:{port}/git/")


def make_bare(folder: Path, name: str) -> None:
    """Make an empty repository for git-http-backend that can be pushed to over HTTP."""
    path = folder / "repositories" / f"{name}.git"
    for words in (["init", "--quiet", "--bare", "--initial-branch", "main", str(path)],
                  ["-C", str(path), "config", "http.receivepack", "true"]):  # fmt: skip
        subprocess.run(["git", *words], env=git_environment(), check=True)
