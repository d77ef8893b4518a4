"""What a user gets with the wheel, and that its metadata agree."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from datetime import date
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


def test_codemeta_is_that_of_the_package() -> None:
    spec = importlib.util.spec_from_file_location("codemeta", ROOT / "tools" / "codemeta.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (ROOT / "codemeta.json").read_text(encoding="utf-8")
    assert written == module.text_of(ROOT), "make codemeta"
    assert json.loads(written)["version"] == bayes_cevns.__version__


def test_the_citation_is_whole() -> None:
    """What the schema 1.2.0 of the Citation File Format requires, and the names of the project."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "software"
    assert citation["message"]
    assert project["description"].lower() in citation["title"].lower()
    assert isinstance(citation["date-released"], date)
    assert set(citation["keywords"]) <= set(project["keywords"])
    for one in (citation, *citation["references"]):
        assert one["title"]
        assert all("name" in a or {"family-names", "given-names"} <= set(a) for a in one["authors"])
    for reference in citation["references"]:
        assert re.fullmatch(r"10\.\d{4,9}/\S+", reference["doi"])
        folder = reference["notes"].removeprefix("Source of ")
        assert reference["doi"] in (ROOT / folder / "REFERENCE").read_text(encoding="utf-8")


def test_fragments_go_into_the_changelog(tmp_path: Path) -> None:
    """Above earlier versions, below the title, which stay as they are."""
    before = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for name in ("pyproject.toml", "CHANGELOG.md"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "changes").mkdir()
    kinds = {"number": "Published numbers", "fix": "Mended", "feature": "New"}
    for kind in kinds:
        (tmp_path / "changes" / f"+one.{kind}.md").write_text(f"What is {kind}.")
    # towncrier leaves it out without a word: the next test holds that there is none.
    (tmp_path / "changes" / "+one.bug.md").write_text("Of an unknown kind.")
    words = ["build", "--yes", "--version", "9.0.0", "--date", "2030-01-01"]
    subprocess.run(
        [sys.executable, "-m", "towncrier", *words], cwd=tmp_path, check=True, capture_output=True
    )
    after = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8").lstrip()
    title, rest = before.split("\n", 1)
    assert after.startswith(title)
    assert after.endswith(rest.lstrip("\n"))
    new = after[: after.index(rest.lstrip("\n"))]
    assert "## 9.0.0 (2030-01-01)" in new
    for kind, heading in kinds.items():
        assert f"### {heading}" in new
        assert f"- What is {kind}." in new
    assert "Of an unknown kind" not in new


def test_every_fragment_has_a_kind() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    kinds = {kind["directory"] for kind in project["tool"]["towncrier"]["type"]}
    names = {path.name for path in (ROOT / "changes").iterdir()} - {"README.md"}
    assert not [
        n for n in names if not re.fullmatch(rf"[+\w]+\.({'|'.join(kinds)})(\.\d+)?\.md", n)
    ]
    page = (ROOT / "changes" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE)) == kinds


def test_classifiers_are_the_pythons_that_releases_are_checked_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    script = (ROOT / "tools" / "check_release.sh").read_text(encoding="utf-8")
    (listed,) = re.findall(r"\$\{\*:-(.*?)\}", script)
    named = {c.rpartition(" :: ")[2] for c in project["classifiers"] if "Python :: 3." in c}
    assert named <= {word.removeprefix("python") for word in listed.split()}
