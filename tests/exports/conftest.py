"""The runs of the tests of reports."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "studies"))
sys.path.append(str(Path(__file__).parents[1] / "reports"))

from finished_runs import run_of

__all__ = ["run_of"]
