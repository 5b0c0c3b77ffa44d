"""A recipe's files as a mapping of path to bytes: from git on the server, from disk in the client.

Only regular files are in a tree (symlinks are refused at push). Paths use `/` and are relative to the recipe's top.
"""

from collections.abc import Mapping

Tree = Mapping[str, bytes]
