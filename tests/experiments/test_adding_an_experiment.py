"""The page on adding an experiment: its code is run as it stands, and does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.model import build_model
from bayes_cevns.specification.expected_counts import expected_counts
from bayes_cevns.specification.simulation import toy
from bayes_cevns.studies.sample import sample
from bayes_cevns.summary.limits import limits

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "adding_an_experiment.md"
MOST_LINES = 60
SCALAR = {"interaction": "scalar-universal", "mass_mev": 1.0}


@dataclass(frozen=True)
class Block:
    """A fenced block of the page: its language and its text."""

    language: str
    text: str


BLOCKS = [
    Block(language, text)
    for language, text in re.findall(
        r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, typed: Callable[[str, Path], str]) -> Path:
    """Write the files of the page and run its first command."""
    path = tmp_path_factory.mktemp("toy")
    for block in BLOCKS[:2]:
        (name,) = re.findall(r"\A# (toy\.\w+)\n", block.text)
        (path / name).write_text(block.text, encoding="utf-8")
    typed(BLOCKS[2].text.splitlines()[0], path)
    return path


@pytest.fixture(scope="module")
def added(folder: Path) -> Experiment:
    return experiment(str(folder / "toy.toml"))


def test_the_page_is_short() -> None:
    lines = [line for block in BLOCKS for line in block.text.splitlines() if line.strip()]
    assert [block.language for block in BLOCKS] == ["python", "toml", "sh", "python", "sh"]
    assert 40 < len(lines) < MOST_LINES


def test_the_page_is_linked() -> None:
    for page in ("README.md", "CONTRIBUTING.md"):
        assert "docs/adding_an_experiment.md" in (ROOT / page).read_text(encoding="utf-8")


def test_the_experiment_loads(added: Experiment) -> None:
    (run,) = expected_counts(added).values()
    assert run["flat"] == pytest.approx(160)
    assert added.observed.sum() == pytest.approx(run["sm"] + run["flat"], abs=4 * 28)


def test_its_density_is_finite(added: Experiment) -> None:
    model = build_model([added], interaction="vector-universal", mass_mev=1.0)
    point = model.initial_point()
    assert np.isfinite(model.compile_logp()(point))
    assert np.all(np.isfinite(model.compile_dlogp()(point)))


def test_a_signal_that_is_put_in_is_found(added: Experiment) -> None:
    parts = expected_counts(added, **SCALAR, coupling_product=1.0)["all"]
    x = float(np.sqrt(parts["sm"] / parts["new_physics"]))  # as many events as neutrinos make
    data = toy(added, seed=1, **SCALAR, coupling_product=x)
    fit = sample([data], **SCALAR, seed=1, settings=SamplerSettings(draws=600, tune=300))
    found = np.abs(fit.draws()["coupling_product"].values.ravel())
    low, high = np.quantile(found, [0.005, 0.995])
    assert 0.5 * x < low < x < high < 2.0 * x


def test_the_commands_and_the_last_block_give_limits(
    folder: Path,
    typed: Callable[[str, Path], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    python, *commands = BLOCKS[2].text.splitlines()
    assert python == "python toy.py"
    assert all(line.startswith("bayes-cevns ") for line in commands)
    rates, sampled = (typed(line, folder) for line in commands)
    assert "flat" in rates
    assert "coupling" in sampled
    monkeypatch.chdir(folder)
    exec(BLOCKS[3].text, {})
    printed = capsys.readouterr().out
    assert re.search(r"Limit\(side='upper', value=\d.*e-\d\d", printed)


def test_a_limit_is_below_a_coupling_that_would_be_seen(added: Experiment) -> None:
    fit = sample([added], **SCALAR, seed=1, settings=SamplerSettings(draws=600, tune=300))
    (limit,) = limits(fit, 0.9)
    parts = expected_counts(added, **SCALAR, coupling_product=1.0)["all"]
    events = parts["new_physics"] * limit.value**4
    assert 1 < events < parts["sm"]


def test_the_contract_takes_the_card(folder: Path) -> None:
    (line,) = BLOCKS[4].text.splitlines()
    setting, _, rest = line.partition(" ")
    assert setting == "BAYES_CEVNS_CARDS=toy.toml"
    words = rest.replace("tests/", f"{ROOT}/tests/").split()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "BAYES_CEVNS_CARDS": "toy.toml"}
    done = subprocess.run(
        [sys.executable, "-m", *words, "-q", "-p", "no:cacheprovider"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert re.search(r"^[4-9] passed", done.stdout, flags=re.MULTILINE)
