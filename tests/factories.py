"""Objects for tests, made by the same services as everywhere else."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from recipes_app.formats.recipe import parse_recipe
from recipes_app.models import Rank, Recipe, Scope, User
from recipes_app.repos.browse import read_tree
from recipes_app.repos.gitconfig import committer, environment, push_environment
from recipes_app.repos.push_rules import version_not_lower
from recipes_app.repos.store import store
from recipes_app.services.accounts import terms, tokens
from recipes_app.services.publishing import publish

CONTROL = """\
Source: {name}
Section: utils
Priority: optional
Maintainer: Ada Lovelace <ada@example.org>
Build-Depends: debhelper-compat (= 13)
Standards-Version: 4.6.2
Homepage: https://example.org/{name}
Vcs-Git: https://example.org/{name}.git
Vcs-Browser: https://example.org/{name}
Rules-Requires-Root: no

Package: {name}
Architecture: any
Depends: ${{shlibs:Depends}}, ${{misc:Depends}}
Description: friendly greeting for tests
 A program that greets, made to try the portal out.
 .
 It has a second paragraph.
"""
CHANGELOG = """\
{name} ({version}) unstable; urgency=medium

  * A release for tests.

 -- Ada Lovelace <ada@example.org>  Mon, 02 Jan 2023 10:00:00 +0000
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: {name}
Source: https://example.org/{name}

Files: *
Copyright: 2023 Ada Lovelace <ada@example.org>
License: Expat

License: Expat
 Permission is hereby granted, free of charge, to any person obtaining a copy
 of this software and associated documentation files.
"""
RULES = """\
#!/usr/bin/make -f
%:
\tdh $@
"""


def recipe_tree(name: str = "hello-dur", version: str = "1.0-1", **files: bytes | str | None) -> dict[str, bytes]:
    """Return the files of a valid recipe. `files` replaces or adds by path; None removes."""
    values = {"name": name, "version": version}
    tree: dict[str, bytes] = {
        "debian/control": CONTROL.format(**values).encode(),
        "debian/changelog": CHANGELOG.format(**values).encode(),
        "debian/copyright": COPYRIGHT.format(**values).encode(),
        "debian/rules": RULES.encode(),
        "debian/source/format": b"3.0 (quilt)\n",
    }
    for path, content in files.items():
        if content is None:
            tree.pop(path, None)
        else:
            tree[path] = content.encode() if isinstance(content, str) else content
    return tree


def packed(tree: dict[str, bytes], name: str = "debian.tar.gz") -> SimpleUploadedFile:
    """Return a tarball of `tree` as a form sends it."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for path, content in tree.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o755 if path == "debian/rules" else 0o644
            archive.addfile(member, io.BytesIO(content))
    return SimpleUploadedFile(name, raw.getvalue())


def make_user(username: str = "ada", *, verified: bool = True, rank: Rank = Rank.USER, password: str = "correct horse") -> User:
    """Return an account with an address, verified or not, that has accepted the terms."""
    user = User.objects.create_user(
        username=username, email=f"{username}@example.org", password=password, rank=rank, terms_version=terms.in_force()
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def issue_token(user: User, *scopes: Scope) -> str:
    """Return a token's secret; without scopes it reads and pushes."""
    return tokens.issue(user, "test", scopes or (Scope.READ, Scope.PUSH))[1]


def git(*arguments: str, cwd: Path, **environment: str) -> str:
    """Run the real git in `cwd` with a fixed identity; return what it printed. Raises CalledProcessError with its output."""
    ours = {
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
    }  # fmt: skip
    result = subprocess.run(
        ["git", *arguments], cwd=cwd, env={**os.environ, **ours, **environment}, capture_output=True, text=True, check=True
    )
    return result.stdout


def write_tree(tree: dict[str, bytes], folder: Path) -> None:
    """Lay a tree down in `folder`; debian/rules becomes executable."""
    for path, content in tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if path == "debian/rules":
            target.chmod(0o755)


def commit_tree(tree: dict[str, bytes], folder: Path, message: str = "Release") -> str:
    """Make `tree` the next commit of the working repository `folder` (made where it is missing); return the commit."""
    if not (folder / ".git").exists():
        folder.mkdir(parents=True, exist_ok=True)
        git("init", "-q", "-b", "main", cwd=folder)
    for path in git("ls-files", "-z", cwd=folder).split("\0"):
        if path and path not in tree:
            (folder / path).unlink()
    write_tree(tree, folder)
    git("add", "-A", cwd=folder)
    git("commit", "-q", "--allow-empty", "-m", message, cwd=folder)
    return git("rev-parse", "HEAD", cwd=folder).strip()


def make_recipe(name: str = "hello-dur", maintainer: User | None = None, **columns: Any) -> Recipe:
    """Return a catalogue row without a repository, for rules that never look into git."""
    now = timezone.now()
    values = {
        "storage_name": name,
        "submitter_name": maintainer.username if maintainer else "nobody",
        "created_at": now,
        "updated_at": now,
    }
    return Recipe.objects.create(**{"name": name, "maintainer": maintainer, "maintainer_since": now, **values, **columns})


def push_tree(tree: dict[str, bytes], user: User, name: str, *, branch: str = "main", rewrite: bool = False) -> str:
    """Commit `tree` and push it into the store by the real git, hook and all, as `user`; return the commit. Nothing is published.

    Raises CalledProcessError with git's words where a push rule refuses it.
    """
    with tempfile.TemporaryDirectory(prefix="portal-test-") as folder:
        work = Path(folder) / "work"
        exists = store().exists(name)
        if exists and branch in store().branches(name):
            git("clone", "-q", "-b", branch, "--", str(store().intake(name)), str(work), cwd=Path(folder))
        commit = commit_tree(tree, work)
        target = store().intake(name) if exists else store().new_incoming()
        command = ["git", "push", "-q", f"--receive-pack={_receive_pack(Path(folder), user, name, rewrite)}", str(target)]
        command.append(f"{'+' if rewrite else ''}HEAD:refs/heads/{branch}")
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
        if not exists:
            (store().discard(target) if done.returncode else store().adopt(target, name))
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
        return commit


def _receive_pack(folder: Path, user: User, name: str, rewrite: bool) -> Path:
    """Return a program that receives a push as the portal does: git hands no configuration of its own environment on to it."""
    environment = push_environment(user.username, name, may_rewrite=rewrite)
    script = folder / "receive-pack"
    assignments = shlex.join([f"{key}={value}" for key, value in environment.items()])
    script.write_text(f'#!/bin/sh\nexec env -i {assignments} git receive-pack "$@"\n')
    script.chmod(0o755)
    return script


def store_tree(tree: dict[str, bytes], user: User, name: str, *, branch: str = "main") -> str:
    """Make `tree` the next commit of `name`, as `push_tree` does, by one git process and without the hook; return the commit.

    Raises AssertionError where the push rules refuse what the files say.
    """
    refused = [*parse_recipe(tree, expected_name=name).errors]
    exists = store().exists(name)
    parent = store().branches(name).get(branch) if exists else None
    if parent:
        before, after = (_version(files) for files in (read_tree(store().intake(name), parent), tree))
        refused += version_not_lower(branch, before, after)
    assert refused == [], refused
    target = store().intake(name) if exists else store().new_incoming()
    command, variables = ["git", "fast-import", "--quiet", "--date-format=now"], environment(**committer(user.username))
    stream = b"".join(_stream(tree, branch, parent))
    made = subprocess.run(command, cwd=target, env=variables, input=stream, capture_output=True, check=True)
    if not exists:
        store().adopt(target, name)
    return made.stdout.decode().strip()


def _stream(tree: dict[str, bytes], branch: str, parent: str | None) -> Iterator[bytes]:
    """Yield what git-fast-import(1) reads."""
    yield f"commit refs/heads/{branch}\nmark :1\ncommitter Ada <ada@example.org> now\ndata 7\nRelease\n".encode()
    yield f"from {parent}\n".encode() if parent else b""
    yield b"deleteall\n"
    for path, content in tree.items():
        mode = "100755" if path == "debian/rules" else "100644"
        yield f"M {mode} inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
    yield b"get-mark :1\n"


def _version(tree: dict[str, bytes]) -> str:
    return tree["debian/changelog"].split(b"(", 1)[1].split(b")", 1)[0].decode()


def publish_recipe(tree: dict[str, bytes], user: User, name: str | None = None, *, branch: str = "main") -> Recipe:
    """Put `tree` into the store and publish it, as the transports do; return the recipe as it stands then."""
    wanted = name or tree["debian/changelog"].split(b" ", 1)[0].decode()
    with store().lock(wanted):
        store_tree(tree, user, wanted, branch=branch)
        recipe = publish.settle(wanted).recipe
    assert recipe is not None
    recipe.refresh_from_db()
    return recipe
