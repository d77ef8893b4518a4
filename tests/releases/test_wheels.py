"""Raw tables inside wheels: those that lie among the raw releases, and those of the index."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from wheel_files import write_wheel

from bayes_cevns.errors import DataError
from bayes_cevns.releases import wheels
from bayes_cevns.releases.wheels import Wheel

PACKAGE = Wheel("tables", "1.0", "0" * 64)


@pytest.fixture(autouse=True)
def _fresh():
    wheels._downloaded.cache_clear()
    yield
    wheels._downloaded.cache_clear()


@pytest.fixture
def index(monkeypatch):
    """An index with one wheel; without it, one that has none."""

    def serve(content: bytes | None) -> None:
        def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
            assert command[-1] == "tables==1.0"
            if content is None:
                return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching version")
            (Path(command[command.index("--dest") + 1]) / PACKAGE.file).write_bytes(content)
            return subprocess.CompletedProcess(command, 0, "", "")

        monkeypatch.setattr(wheels.subprocess, "run", run)

    return serve


def test_a_wheel_among_the_raw_releases_is_read(tmp_path, index):
    index(None)
    write_wheel(tmp_path, PACKAGE, {"tables/one.csv": "1,2\n"})
    raw = PACKAGE.open(tmp_path)
    assert raw.read_text("tables/one.csv", group="one") == "1,2\n"
    line = f"{hashlib.sha256(b'1,2' + bytes([10])).hexdigest()}  tables/one.csv\n"
    assert raw.digests() == {"one": hashlib.sha256(line.encode()).hexdigest()}
    with pytest.raises(DataError, match=r"tables/two.csv: expected a file, found none; get the"):
        raw.read("tables/two.csv", group="two")


def test_a_wheel_of_the_index_must_be_the_one_that_is_meant(tmp_path, index):
    content = write_wheel(tmp_path / "elsewhere", PACKAGE, {"tables/one.csv": "1"}).read_bytes()
    index(content)
    known = Wheel("tables", "1.0", hashlib.sha256(content).hexdigest())
    assert known.open(tmp_path).read("tables/one.csv", group="one") == b"1"
    with pytest.raises(DataError, match=r"expected SHA-256 000000000000..., the index has"):
        PACKAGE.open(tmp_path)


def test_without_index_and_file_the_error_says_how_to_get_it(tmp_path, index):
    index(None)
    with pytest.raises(DataError, match=r"cannot download tables-1.0-py3-none-any.whl .ERROR: No"):
        PACKAGE.open(tmp_path)


def test_what_is_no_archive_is_named(tmp_path):
    write_wheel(tmp_path, PACKAGE, {}).write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"tables-1.0-py3-none-any.whl is no wheel"):
        PACKAGE.open(tmp_path)
