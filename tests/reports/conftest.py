"""Runs of every kind of study, made once for all tests of what is said of them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "studies"))
sys.path.append(str(Path(__file__).parent))

from finished_runs import run_of

__all__ = ["run_of"]
