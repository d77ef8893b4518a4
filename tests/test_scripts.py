"""Scripts of measurements, which the tests do not run, use names that the package has."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(
    path for folder in ("benchmarks", "validation", "tools") for path in ROOT.glob(f"{folder}/*.py")
)

#: Of earlier builds, which `benchmarks/density_worker.py` runs as well.
EARLIER = {("benchmarks/density_worker.py", "bayes_cevns.nsi")}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_a_script_imports_is_there(path: Path) -> None:
    lacking = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        known = (path.relative_to(ROOT).as_posix(), node.module) in EARLIER
        if node.module.partition(".")[0] == "bayes_cevns" and not known:
            lacking += [f"{node.module}.{a.name}" for a in node.names if not there(node.module, a)]
    assert not lacking


def there(module: str, name: ast.alias) -> bool:
    """Return whether a module has a name, or a module below it is called so."""
    try:
        if hasattr(importlib.import_module(module), name.name):
            return True
        importlib.import_module(f"{module}.{name.name}")
    except ImportError:
        return False
    return True
