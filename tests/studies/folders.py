"""Folders of runs, compared file by file."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from examples import timeless

from bayes_cevns.storage.names import PROGRESS_FILE


def differences(one: Path, two: Path) -> list[str]:
    """Return what differs between two folders, to the last digit: names of files.

    What says how long something took, or when it was, is not compared.
    """
    first, second = contents(one), contents(two)
    names = sorted({*first, *second})
    return [name for name in names if first.get(name) != second.get(name)]


def contents(folder: Path) -> dict[str, Any]:
    """Return what each file of a folder says, but for times."""
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != PROGRESS_FILE)
    paths = {p.relative_to(folder).as_posix(): p for p in files}
    return {name: _content(path) for name, path in paths.items()}


def _content(path: Path) -> Any:
    if path.suffix == ".csv":
        return timeless({path.name: path.read_text()})
    if path.name == "run.toml":
        record = tomllib.loads(path.read_text())
        record["report"] = {k: v for k, v in record["report"].items() if "seconds" not in k}
        return str({k: v for k, v in record.items() if k != "written"})  # one NaN is like another
    if path.suffix == ".pdf":
        return re.sub(rb"/CreationDate \([^)]*\)", b"", path.read_bytes())
    return path.read_bytes()
