"""The output of the command line where it cannot be written, and what is no data folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


def command(*words: str, stdout: Path | None = None) -> subprocess.CompletedProcess[str]:
    code = "from bayes_cevns.cli import main; main()"
    line = [sys.executable, "-c", code, *words]
    if stdout is None:
        return subprocess.run(line, capture_output=True, text=True, check=False)
    with stdout.open("w") as stream:
        return subprocess.run(line, stdout=stream, stderr=subprocess.PIPE, text=True, check=False)


@pytest.mark.skipif(not FULL.exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("words", [["list"], ["--version"], ["--help"], ["list", "--json"]])
def test_a_full_disk_is_one_line(words: list[str]) -> None:
    done = command(*words, stdout=FULL)
    assert done.returncode == 2
    assert done.stderr == "bayes-cevns: cannot read or write the output: No space left on device\n"


@pytest.mark.parametrize("given", ["file", "nothing", "words"])
def test_verify_wants_a_data_folder(given: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "checksums.toml").write_bytes(b"\xff\xfe")
    done = command("data", "verify", str(tmp_path / given))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "expected a data folder" in done.stderr or "is not valid TOML" in done.stderr
