"""What a user gets with the wheel, and that its metadata agree."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
import yaml

import bayes_cevns
from bayes_cevns.storage.resources import CHECKSUMS, recorded_checksums

ROOT = Path(__file__).parents[1]
MEGABYTE = 1_000_000

CHECK = """
from pathlib import Path
import bayes_cevns
from bayes_cevns.storage import resources

print(Path(bayes_cevns.__file__).parent)
print(resources.data_dir())
print(resources.models_dir())
for name in resources.recorded_checksums(resources.data_dir()):
    assert resources.data_file(name).is_file(), name
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # With hatchling itself, since an environment made by uv has no pip.
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    done = subprocess.run(
        [*build, str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def files_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_wheel_has_the_listed_data_and_no_other(names: set[str]) -> None:
    listed = {CHECKSUMS, *recorded_checksums(ROOT / "data")}
    prefix = "bayes_cevns/data/"
    assert {name.removeprefix(prefix) for name in names if name.startswith(prefix)} == listed


def test_wheel_has_the_model_cards(unpacked: Path) -> None:
    def content(folder: Path) -> dict[Path, bytes]:
        return {path.relative_to(folder): path.read_bytes() for path in files_below(folder)}

    cards = content(ROOT / "models")
    assert {Path("xenonnt_cevns.toml"), Path("shared/nuisances.toml")} <= set(cards)
    assert content(unpacked / "bayes_cevns" / "models") == cards


def test_wheel_has_the_package_and_nothing_else(names: set[str]) -> None:
    info = f"bayes_cevns-{bayes_cevns.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"bayes_cevns", info}
    assert "bayes_cevns/py.typed" in names
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "bayes_cevns").rglob("*.py")}
    assert sources == {name for name in names if name.endswith(".py")}


def test_installed_data_are_read_and_verified(unpacked: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    package = unpacked / "bayes_cevns"
    expected = [package, package / "data", package / "models"]
    assert [Path(line) for line in done.stdout.splitlines()] == expected


def test_sizes(wheel: Path) -> None:
    assert wheel.stat().st_size < 25 * MEGABYTE
    shipped = files_below(ROOT / "data") | files_below(ROOT / "models")
    assert sum(path.stat().st_size for path in shipped) < 20 * MEGABYTE


def test_versions_and_licences_agree(unpacked: Path) -> None:
    (info,) = unpacked.glob("*.dist-info")
    wheel = Parser().parsestr((info / "METADATA").read_text(encoding="utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert wheel["Version"] == citation["version"] == bayes_cevns.__version__
    assert wheel["License-Expression"] == citation["license"] == "BSD-3-Clause"
    assert (info / "licenses" / "LICENSE").is_file()


def test_every_requirement_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = dict(project["project"]["optional-dependencies"])
    bench = groups.pop("bench")
    required = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    required += [each for group in groups.values() for each in group]
    for file, wanted in (("constraints.txt", required), ("benchmarks/constraints.txt", bench)):
        pinned = pins(ROOT / file)
        for requirement in wanted:
            name = normalised(requirement.split(">")[0])
            assert name in pinned, f"{name} is not in {file}"


def test_no_package_is_pinned_twice() -> None:
    assert not pins(ROOT / "constraints.txt") & pins(ROOT / "benchmarks" / "constraints.txt")


def pins(file: Path) -> set[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return {normalised(line.split("==")[0]) for line in lines if "==" in line}


def normalised(name: str) -> str:
    return name.strip().lower().replace("_", "-")
