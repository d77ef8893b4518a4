"""What libraries do that one would not guess, and what this package does where they do it.

`docs/design/behaviour-of-libraries.md` lists them all; most are held where the module is tested.
Each test here has both halves: the library does it, and nothing of it reaches a result.
"""

from __future__ import annotations

import math
import tomllib
from concurrent.futures import Executor
from itertools import count
from types import SimpleNamespace
from typing import Any

import arviz_stats
import numpy as np
import pytest
import tomlkit
import xarray as xr
from arviz_stats.base import array_stats
from iminuit import Minuit
from iminuit.cost import ExtendedBinnedNLL
from rich.console import Console

from bayes_cevns.errors import ArgumentError, DataError, UnknownNameError
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.physics.dark_matter import StandardHalo
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.nuclei import target
from bayes_cevns.progress.standing import Standing
from bayes_cevns.progress.terminal import LiveLine
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.values import plain
from bayes_cevns.studies.profile import profile
from bayes_cevns.summary.cross_validation import leave_one_out

# --- ArviZ


def test_one_impossible_draw_is_good_for_arviz_and_refused_here() -> None:
    """The Pareto k of a bin with a weight of infinity is NaN, which is not above any threshold."""
    logs = np.random.default_rng(1).normal(-1.0, 0.1, size=(4, 500, 3))
    logs[1, 7, 2] = -np.inf
    tree = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({"x": (("chain", "draw"), np.zeros(logs.shape[:2]))}),
            "log_likelihood": xr.Dataset({"y": (("chain", "draw", "bin"), logs)}),
        }
    )
    with np.errstate(all="ignore"):
        theirs = arviz_stats.loo(tree, pointwise=True, reff=1.0)
    assert math.isnan(theirs.elpd)
    assert not theirs.warning
    assert not (theirs.pareto_k > theirs.good_k).any()
    ours = leave_one_out(logs, relative_ess=1.0)
    assert ours.pareto_k[2] == np.inf
    assert math.isnan(ours.total)


def test_an_interval_of_a_broken_chain_has_a_finite_end_in_arviz_and_the_gate_refuses_it() -> None:
    chains = np.random.default_rng(2).normal(size=(4, 500))
    chains[2, 100] = np.nan
    ends = array_stats.hdi(chains.ravel(), prob=0.9, skipna=False)
    assert np.isfinite(ends).any()
    report = Gate().check(xr.Dataset({"x": (("chain", "draw"), chains)}), divergences=0)
    assert not report.passed
    assert "of x above" in report.reason


# --- iminuit


def test_the_covariance_at_a_bound_is_no_interval(invent: Any) -> None:
    """No events: the rate that fits best is 0, and the region ends where -2 ln L says."""
    none = invent(
        "none", [0, 0], background=[0.0, 1.0], blind=[1],
        background_prior="{ uniform = [0.0, 50.0] }",
    )  # fmt: skip
    found = profile([none], parameter="none.flat", level=0.9)
    (piece,) = found.intervals
    assert found.best == pytest.approx(0.0, abs=1e-3)
    assert piece.high == pytest.approx(found.critical_value / 2.0, rel=1e-3)
    minuit = Minuit(lambda b: b, b=1.0)
    minuit.errordef = Minuit.LIKELIHOOD
    minuit.limits["b"] = (0.0, 50.0)
    minuit.migrad()
    minuit.hesse()
    assert minuit.valid
    assert math.sqrt(minuit.covariance[0, 0]) < 0.01 * piece.high


def test_a_bin_without_prediction_is_nearly_free_in_iminuit_and_impossible_here(
    invent: Any,
) -> None:
    def scaled(edges: np.ndarray, scale: float) -> np.ndarray:
        return scale * np.minimum(edges, 1.0)  # nothing in the second bin

    cost = ExtendedBinnedNLL(np.array([3.0, 5.0]), np.array([0.0, 1.0, 2.0]), scaled)
    seen, unseen = cost(3.0), ExtendedBinnedNLL([3.0, 0.0], [0.0, 1.0, 2.0], scaled)(3.0)
    assert np.isfinite(seen)
    one = invent(
        "blind", [3, 5], background=[1.0, 5.0], blind=[1],
        background_prior="{ uniform = [0.0, 5.0] }",
    )  # fmt: skip
    likelihood = Likelihood(ModelSpec.of([one]))
    point = likelihood.nominal
    point[[p.name for p in likelihood.parameters].index("blind.flat")] = 0.0
    assert likelihood(point)[0] == np.inf
    assert np.isfinite(unseen)


# --- domain packages


def test_the_halo_of_wimprates_integrates_to_less_than_one_and_ours_does_not() -> None:
    """Its default is v_0 = 238 km/s; multiplied by N_esc and not divided: N_esc^2 = 0.9700.

    That ours integrates to one is held in `test_dark_matter.py`, by integration.
    """
    halo = StandardHalo(dispersion_km_s=238.0 / math.sqrt(2.0), escape_km_s=544.0)
    assert halo.normalisation**2 == pytest.approx(0.9700, abs=5e-5)


def test_a_nucleus_weighs_less_than_its_atom_by_its_electrons() -> None:
    """particle gives nuclei the masses of atoms; 131Xe is 130.90508406 u (AME 2020)."""
    (xenon,) = (one for one in target("Xe").isotopes if one.a == 131)
    atom_mev = 130.90508406 * 931.49410242
    assert xenon.mass_mev == pytest.approx(atom_mev - 54 * 0.51099895, abs=1e-3)


# --- executors

COUNT = count()


def title(name: str) -> str:
    """Return the title of an interaction, in a worker."""
    return interaction(name).title


def pools() -> list[Any]:
    """Return makers of pools whose workers are other processes, or threads of dask."""

    def loky() -> Executor:
        external = pytest.importorskip("joblib.externals.loky")
        return external.ProcessPoolExecutor(1)

    def dask() -> Any:
        distributed = pytest.importorskip("distributed")
        return distributed.Client(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None,
            set_as_default=False,
        )  # fmt: skip

    return [loky, dask]


@pytest.mark.parametrize("make", pools(), ids=lambda make: make.__name__)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_misspelt_name_comes_back_from_other_pools(make: Any) -> None:
    with make() as pool:
        wrong, right = pool.submit(title, "b-ll"), pool.submit(title, "b-l")
        with pytest.raises(UnknownNameError, match="did you mean 'b-l'"):
            wrong.result()
        assert right.result() == title("b-l")


def drawn(*_: object) -> SimpleNamespace:
    """Return another number at each call, in place of a point."""
    return SimpleNamespace(number=next(COUNT))


def test_equal_points_of_two_runs_are_computed_twice_on_dask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """dask takes equal calls for one: a second toy with equal arguments would be the first."""
    distributed = pytest.importorskip("distributed")
    from bayes_cevns.studies.execution import cluster
    from bayes_cevns.studies.execution.task import Unit

    monkeypatch.setattr(cluster, "answer", drawn)
    monkeypatch.setattr(cluster, "check_workers", lambda *_: None)
    with distributed.Client(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None,
        set_as_default=False,
    ) as client:  # fmt: skip
        one, two = [client.submit(drawn, 1) for _ in range(2)]
        assert one.result().number == two.result().number
        task: Any = SimpleNamespace(environment=None)
        runs = [cluster.of(client).outcomes(task, iter([Unit(1)]), 1) for _ in range(2)]
        first, again = (next(run).number for run in runs)
        for run in runs:
            run.close()
    assert first != again


# --- files


def test_numbers_of_numpy_become_toml() -> None:
    """tomlkit refuses all but float64; NumPy's reach ``run.toml`` by way of `plain` alone."""
    for number in (np.int64(3), np.float32(0.9), np.bool_(True)):
        with pytest.raises(tomlkit.exceptions.ConvertError):
            tomlkit.dumps({"x": number})
        said = tomllib.loads(tomlkit.dumps(plain({"x": number})))["x"]
        assert type(said) in (int, float, bool)
        assert said == pytest.approx(float(number))


# --- the terminal


def test_names_in_brackets_are_shown_in_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """rich reads [b-l] as markup, and drops it."""
    console = Console(width=200)
    console.print("xenonnt_cevns[sr0,sr1] [b-l]")
    assert "[" not in capsys.readouterr().out
    last = "xenonnt_cevns[sr0,sr1] [b-l]"
    LiveLine(every_point=True)(Standing("scan", "complete", 2, 0, 1, 0, 0, "", 1.0, last=last))
    assert last in capsys.readouterr().err


# --- numbers in words


@pytest.mark.parametrize("value", [True, np.True_, "1_000", "1.0", 1e300, math.nan, None])
def test_what_pydantic_takes_for_a_whole_number_is_refused(value: Any) -> None:
    """An ``int`` field takes True, '1_000' and '1.0'; seeds and counts have checks of their own."""
    from bayes_cevns.studies.catalogue import study_class

    options = {"experiments": ["xenonnt_2024_s2"], "interaction": "b-l", "mass_mev": 10.0}
    with pytest.raises(ArgumentError, match="seed"):
        study_class("sample")(**options, seed=value)


def test_a_table_with_a_flag_for_a_count_is_refused(invent: Any) -> None:
    with pytest.raises(DataError, match="observed"):
        invent("flags", [True, False])


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from bayes_cevns.releases.catalogue import default_releases_dir
    from bayes_cevns.storage.caches import cache_dir

    for name, folder in (
        ("BAYES_CEVNS_CACHE", cache_dir),
        ("BAYES_CEVNS_RELEASES", default_releases_dir),
    ):
        monkeypatch.delenv(name, raising=False)
        without = folder()
        monkeypatch.setenv(name, "")
        assert folder() == without
