"""The likelihood in other programs: the examples of docs/likelihood.md give our limits."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.summary.draws import WeightedDraws

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "likelihood.md").read_text(encoding="utf-8")
ASKED: dict[str, Any] = {"interaction": "scalar-universal", "mass_mev": 10.0}
LEVEL = 0.9

#: Programs -> how many independent draws they have here, at least.
INDEPENDENT = {"emcee": 400, "ultranest": 400, "bilby": 300, "cobaya": 400}

pytestmark = [
    # What other programs do with their dependencies.
    pytest.mark.filterwarnings("ignore:::cobaya"),
    pytest.mark.filterwarnings("ignore:::pandas"),
    pytest.mark.filterwarnings("ignore:Setting a value on a DataFrame"),
]


def example(name: str) -> ModuleType:
    pytest.importorskip(name)
    path = ROOT / "docs" / "examples" / "likelihood" / f"with_{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def like() -> bc.JointLikelihood:
    return bc.likelihood("conus_plus", **ASKED)


@pytest.fixture(scope="module")
def ours() -> tuple[float, Callable[[int], float]]:
    """Our limit, and the error of that of so many independent draws beside it."""
    fit = bc.sample("conus_plus", **ASKED, seed=1)
    limit = bc.limits(fit, LEVEL)[0]
    draws = WeightedDraws.of("coupling", fit.posterior, fit.quality)

    def error(number: int) -> float:
        step = np.sqrt(LEVEL * (1 - LEVEL) / number)
        spread = draws.quantile(LEVEL + step).value - draws.quantile(LEVEL - step).value
        return float(np.hypot(0.5 * spread, limit.mc_error))

    return limit.value, error


def run_emcee(like: bc.JointLikelihood, _: Path) -> np.ndarray:
    return example("emcee").draws(like, steps=3000, seed=1)


def run_ultranest(like: bc.JointLikelihood, _: Path) -> np.ndarray:
    np.random.seed(1)  # noqa: NPY002  # UltraNest has no seed of its own
    draws, log_evidence = example("ultranest").draws(like, live_points=200)
    cube = np.random.default_rng(1).uniform(size=(200_000, len(like.names)))
    expected = np.log(np.exp(like(like.from_unit_cube(cube))).mean())
    assert log_evidence == pytest.approx(expected, abs=0.3)  # its error is 0.09
    return draws


def run_bilby(like: bc.JointLikelihood, folder: Path) -> np.ndarray:
    options = {"sampler": "dynesty", "nlive": 200, "sample": "rwalk", "seed": 1}
    return example("bilby").draws(like, folder=str(folder), **options)


def run_cobaya(like: bc.JointLikelihood, _: Path) -> np.ndarray:
    return example("cobaya").draws(like, seed=1, Rminus1_stop=0.02, max_samples=8000)


@pytest.mark.parametrize("run", [run_emcee, run_ultranest, run_bilby, run_cobaya])
def test_a_sampler_gives_our_limit(run, like, ours, tmp_path):
    draws = run(like, tmp_path)
    assert np.all(np.isfinite(like.log_posterior(draws)))
    value, error = ours
    found = float(np.quantile(np.abs(like.quoted(draws)), LEVEL))
    size = error(INDEPENDENT[run.__name__.removeprefix("run_")])
    assert size < 0.03 * value
    assert found == pytest.approx(value, abs=3.5 * size)


def test_bilby_samples_another_mass_in_the_folder_of_the_first(like, tmp_path):
    """By itself it returns the result that is there, whatever likelihood that was made with."""
    heavy = bc.likelihood("conus_plus", **{**ASKED, "mass_mev": 100.0})
    options = {"sampler": "dynesty", "nlive": 50, "dlogz": 1.0, "sample": "rwalk", "seed": 1}
    limits = []
    for one in (like, heavy):
        draws = example("bilby").draws(one, folder=str(tmp_path), **options)
        limits.append(float(np.quantile(np.abs(one.quoted(draws)), LEVEL)))
    # Far above the momentum transfer the limit grows as the mass, and less below.
    assert 4.0 < limits[1] / limits[0] < 9.0


def test_an_error_of_a_likelihood_stops_cobaya():
    """By itself it takes points at which a likelihood raises an error as impossible ones."""

    class Broken:
        names = ("coupling_product", "flux")

        def from_unit_cube(self, cube):
            return np.asarray(cube)

        def __call__(self, point):
            if point[0] > 0.5:
                raise ZeroDivisionError("half of the prior")
            return 0.0

    with pytest.raises(Exception, match="half of the prior"):
        example("cobaya").draws(Broken(), seed=1, max_samples=200)


def test_a_minimiser_gives_our_profile(like):
    ours = bc.profile("conus_plus", **ASKED, level=LEVEL)
    limit = example("iminuit").upper_limit(like, critical_value=ours.critical_value)
    assert np.sqrt(limit) == pytest.approx(ours.limits[0].value, rel=1e-3)


def test_the_page_runs():
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)
    assert names["like"].priors[1].text in block
    assert names["like"](names["points"]).shape == (1000,)
