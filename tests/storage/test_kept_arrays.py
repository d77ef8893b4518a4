"""Files of the cache: whole or not believed, and nothing is left beside them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.storage import atomic, kept_arrays


def test_each_flipped_bit_is_found(tmp_path: Path) -> None:
    path = tmp_path / f"one{kept_arrays.SUFFIX}"
    kept_arrays.write(path, {"values": np.arange(3.0)})
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert kept_arrays.read(path) is None
        with pytest.raises(DataError, match="was altered or damaged"):
            kept_arrays.read_checked(path)


def test_what_a_killed_process_has_left_is_removed(tmp_path: Path) -> None:
    program = f"""
import os, pathlib
from bayes_cevns.storage import atomic
atomic.new_file(pathlib.Path({str(tmp_path)!r}) / "x.arrays")
os._exit(1)
"""
    subprocess.run([sys.executable, "-c", program], check=False)
    mine = atomic.new_file(tmp_path / "y.arrays")  # of a process that runs
    assert len(list(tmp_path.iterdir())) == 2
    kept_arrays.write(tmp_path / f"one{kept_arrays.SUFFIX}", {"values": np.arange(3.0)})
    assert sorted(tmp_path.iterdir()) == sorted([mine, tmp_path / f"one{kept_arrays.SUFFIX}"])
    assert os.getpid() in [int(mine.name.split("-")[2])]
