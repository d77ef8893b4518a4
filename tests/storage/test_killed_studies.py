"""Studies that are really killed, or started twice, give the numbers of undisturbed ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the study is copied with fork")
def test_a_profile_scan_that_is_killed_goes_on(tmp_path: Path) -> None:
    """SIGKILL at each of its writes, SIGTERM, SIGINT, two at once, and one that is finished."""
    script = Path(__file__).with_name("killed_study.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
