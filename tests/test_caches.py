"""Where compiled code and tables go, without a home to write to: in processes of their own."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

VARIABLES = ("BAYES_CEVNS_CACHE", "NUMBA_CACHE_DIR", "MPLCONFIGDIR", "PYTENSOR_FLAGS")

PRINT = f"""
import os, bayes_cevns
for name in {VARIABLES}:
    print(os.environ.get(name))
"""

MODEL = """
import bayes_cevns as bc, bayes_cevns.figures.exclusion, pytensor
bc.build_model([bc.experiment("pandax4t_paired")], interaction="b-l", mass_mev=10.0)
print(pytensor.config.base_compiledir)
"""


def run(
    code: str, home: Path, temporary: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in VARIABLES}
    environment |= {"HOME": str(home), "TMPDIR": str(temporary), **variables}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )


def no_homes(folder: Path) -> list[Path]:
    """Return homes that cannot be written: a device, below a file, and one that is read-only."""
    file = folder / "file"
    file.touch()
    locked = folder / "locked"
    locked.mkdir(mode=0o500)
    # The superuser may write everywhere but on a read-only file system.
    return [Path("/dev/null"), file / "home", *([] if os.access(locked, os.W_OK) else [locked])]


def test_without_a_home_all_caches_go_to_one_private_folder(tmp_path: Path) -> None:
    for home in no_homes(tmp_path):
        done = run(PRINT, home, tmp_path)
        root = tmp_path / f"bayes-cevns-{os.getuid()}"
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
        assert done.stdout.split() == [
            str(root / "bayes_cevns"),
            str(root / "numba"),
            str(root / "matplotlib"),
            f"base_compiledir={root / 'pytensor'}",
        ]
        assert done.stderr.count("\n") == 1
        assert all(name in done.stderr for name in VARIABLES)


def test_a_model_is_built_without_a_home(tmp_path: Path) -> None:
    done = run(MODEL, Path("/dev/null"), tmp_path)
    root = tmp_path / f"bayes-cevns-{os.getuid()}"
    assert done.stdout.strip() == str(root / "pytensor")
    assert done.stderr.count("\n") == 1
    assert list((root / "bayes_cevns").glob("*.arrays"))


def test_what_is_chosen_stays(tmp_path: Path) -> None:
    chosen = {
        "BAYES_CEVNS_CACHE": "a",
        "NUMBA_CACHE_DIR": "b",
        "MPLCONFIGDIR": "c",
        "PYTENSOR_FLAGS": "floatX=float64,base_compiledir=d",
    }
    done = run(PRINT, Path("/dev/null"), tmp_path, **chosen)
    assert done.stdout.split() == list(chosen.values())
    assert (done.stderr, list(tmp_path.iterdir())) == ("", [])


def test_other_flags_of_pytensor_are_kept(tmp_path: Path) -> None:
    done = run(PRINT, Path("/dev/null"), tmp_path, PYTENSOR_FLAGS="floatX=float64")
    flags = done.stdout.split()[-1]
    assert flags.startswith("floatX=float64,base_compiledir=")


def test_with_a_home_nothing_is_set(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = run(PRINT, home, tmp_path)
    assert done.stdout.split() == ["None"] * len(VARIABLES)
    assert (done.stderr, list(home.iterdir())) == ("", [])


@pytest.mark.parametrize("kind", ["others may write", "a link", "a file"])
def test_a_folder_that_is_not_private_is_not_used(tmp_path: Path, kind: str) -> None:
    """Its name can be guessed: code is loaded only from a folder that is ours alone."""
    taken = tmp_path / f"bayes-cevns-{os.getuid()}"
    if kind == "others may write":
        taken.mkdir()
        taken.chmod(0o777)
    elif kind == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        taken.symlink_to(tmp_path / "elsewhere")
    else:
        taken.touch()
    done = run(PRINT, Path("/dev/null"), tmp_path)
    used = Path(done.stdout.split()[0]).parent
    assert used != taken
    assert used.parent == tmp_path
    assert stat.S_IMODE(used.stat().st_mode) == 0o700
