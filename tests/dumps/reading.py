"""Reading dumps as their users do, with the tools that they have."""

from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path
from typing import Any

import zstandard
from django.test import Client

from recipes_app.services.dumps import making


def text_of(name: str) -> bytes:
    """Return the text of a compressed file of the newest dump."""
    return unpacked(making.folder() / making.CURRENT / name)


def unpacked(path: Path) -> bytes:
    """Return what the compressed file holds."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(content)
    if path.suffix == ".xz":
        return lzma.decompress(content)
    return zstandard.ZstdDecompressor().decompressobj().decompress(content)


class Follower:
    """A client that keeps recipes.jsonl by asking for changes only, as docs/api.md describes it."""

    def __init__(self, limit: int) -> None:
        self.serial, self._limit = 0, limit
        self._recipes: dict[str, dict[str, Any]] = {}

    def follow(self) -> int:
        """Ask for what came after the last time; return how many rows that were."""
        address = f"/api/v1/changes/?since={self.serial}&limit={self._limit}"
        rows = 0
        while address:
            answer = Client().get(address).json()
            for change in answer["results"]:
                rows += 1
                if change["recipe"] is None:
                    self._recipes.pop(change["name"], None)
                else:
                    self._recipes[change["name"]] = change["recipe"]
            self.serial, address = answer["serial"], answer["next"]
        return rows

    @property
    def text(self) -> bytes:
        """What recipes.jsonl must be, by the rule that docs/api.md gives: sorted keys, no blanks, UTF-8."""
        lines = (
            json.dumps(self._recipes[name], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            for name in sorted(self._recipes)
        )
        return "".join(f"{line}\n" for line in lines).encode()
