"""What a build starts from, laid down in its room as a user's work folder is: `recipe/`, `files/` and `steps.sh`.

What becomes of them is the source plan's decision (`formats.source_plan`, `formats.build_steps`), for a trial build as at home.
No Django here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from recipes_app.formats.build_steps import library
from recipes_app.formats.source_plan import SourcePlan

from ..source.preimage import is_safe_path
from ..source.source_package import SourcePackageRefused


def lay_down(
    folder: Path,
    tree: Mapping[str, bytes],
    plan: SourcePlan,
    files: Mapping[str, Path],
    executables: Collection[str],
    user: int | None,
) -> None:
    """Write everything into `folder`, owned by `user`.

    `folder` is empty, and nothing of the recipe has run. Raises SourcePackageRefused where a file of the manifest is missing, or
    where a path cannot be laid down.
    """
    if missing := [each.filename for each in plan.downloads if each.filename not in files]:
        raise SourcePackageRefused(f"debian/dur: {', '.join(missing)} was not fetched, and without it there is no build")
    for path, content in tree.items():
        if not is_safe_path(path):
            raise SourcePackageRefused(f"the recipe holds the path {path!r}, which cannot be laid down")
        target = folder / "recipe" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755 if path in executables or path == "debian/rules" else 0o644)
    (folder / "files").mkdir()
    for each in plan.downloads:
        shutil.copyfile(files[each.filename], folder / "files" / each.filename)
    (folder / "steps.sh").write_bytes(library())
    if user is not None:
        for parent, _, names in os.walk(folder):
            for entry in (Path(parent), *(Path(parent) / name for name in names)):
                os.chown(entry, user, user, follow_symlinks=False)
