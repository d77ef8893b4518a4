"""Folders of finished runs to which something happened, read and gone on with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fuzzing import command, edited, empty_folder, fuzzed, succeeds_or_says
from hypothesis import given
from hypothesis import strategies as st

import bayes_cevns as bc

WORDS = ["preview", "xenonnt_2024_s2", "--interaction", "scalar-universal", "--masses", "1,10"]


@pytest.fixture(scope="module")
def finished() -> Iterator[Path]:
    """A finished run, with its figures drawn."""
    with empty_folder() as folder:
        assert command([*WORDS, "--out", "out"], folder).status == 0
        yield folder / "out"


def damage(data: Any, folder: Path) -> None:
    """Let something happen to one file of a folder."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    file = folder / data.draw(st.sampled_from(files))
    kind = data.draw(st.sampled_from(["remove", "cut", "byte", "edit", "folder", "empty", "other"]))
    content = bytearray(file.read_bytes())
    at = data.draw(st.integers(0, max(len(content) - 1, 0)))
    if kind == "remove":
        file.unlink()
    elif kind == "cut":
        file.write_bytes(content[:at])
    elif kind == "byte" and content:
        content[at] ^= data.draw(st.integers(1, 255))
        file.write_bytes(content)
    elif kind == "edit" and file.suffix in (".toml", ".csv", ".json", ".bib"):
        text = data.draw(edited(file.read_text(encoding="utf-8")))
        file.write_text(text, encoding="utf-8")
    elif kind == "folder":
        file.unlink()
        file.mkdir()
    elif kind == "empty":
        file.write_bytes(b"")
    else:
        shutil.copy(folder / data.draw(st.sampled_from(files)), folder / "copy.tmp2")


@fuzzed(25)
@given(st.data(), st.sampled_from(["load", "status", "plot", "again", "run"]))
def test_a_folder_that_was_damaged(finished: Path, data: Any, asked: str) -> None:
    with empty_folder() as folder:
        run = folder / "kept"
        shutil.copytree(finished, run)
        damage(data, run)
        if asked == "load":
            found = succeeds_or_says(lambda: bc.load(run))
            assert found is None or found.tables()
            return
        words = {
            "status": ["status", "kept"],
            "plot": ["plot", "kept"],
            "again": [*WORDS, "--out", "kept"],
            "run": ["run", "kept"],
        }[asked]
        command(words, folder)
        assert not [path for path in run.rglob("*.tmp") if path.is_file()]
