"""A point that is damaged anywhere is not there, or is the one that was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bayes_cevns.storage.points import FOLDER, Point, load_point, save_point

POINT = Point("identity", 0, {"limit": 1.5}, {"draws": np.arange(6.0).reshape(2, 3)})


@pytest.mark.parametrize("bits", [1, 32, 255])
def test_any_byte_that_changed(bits: int, tmp_path: Path) -> None:
    """NumPy reads the head of an array as Python before the checksum of the archive is known."""
    save_point(tmp_path, POINT)
    (file,) = (tmp_path / FOLDER).iterdir()
    content = file.read_bytes()
    found = []
    for at in range(len(content)):
        damaged = bytearray(content)
        damaged[at] ^= bits
        file.write_bytes(damaged)
        found.append(load_point(tmp_path, "identity", 0))
    kept = [point for point in found if point is not None]
    assert len(kept) < len(found) / 2
    for point in kept:
        assert point.content == POINT.content
        assert all(np.array_equal(array, POINT.arrays["draws"]) for array in point.arrays.values())
