"""``posterior.nc`` as ArviZ opens it: draws by weight, the log-likelihood of bins, the prior."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import arviz as az
import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from pymc.model.transform.conditioning import remove_value_transforms
from scipy.stats import kstest, norm

from bayes_cevns.cards import Experiment
from bayes_cevns.inference import at_draws
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.model import build_model
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, read_analysis
from bayes_cevns.studies.arviz_groups import groups_of
from bayes_cevns.studies.load import load
from bayes_cevns.studies.run import run as run_study
from bayes_cevns.studies.sample import ModelRun, sample

SETTINGS = SamplerSettings(draws=1000, tune=300)


@pytest.fixture(scope="module")
def folder(xenonnt: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A posterior with two branches, of which neither has half of the draws' weight."""
    out = tmp_path_factory.mktemp("samples") / "one"
    sample([xenonnt], interaction="vector-universal", mass_mev=10.0, settings=SETTINGS, out=out)
    return out


@pytest.fixture(scope="module")
def tree(folder: Path) -> xr.DataTree:
    found = az.from_netcdf(folder / "posterior.nc")
    assert isinstance(found, xr.DataTree)
    return found


@pytest.fixture(scope="module")
def run(folder: Path) -> ModelRun:
    found = load(folder)
    assert isinstance(found, ModelRun)
    return found


def weighted(run: ModelRun, values: Any) -> float:
    """Return the mean of something of all draws by the weights of their branches."""
    return float(np.asarray(values).mean(axis=(1, 2)) @ run.quality["weight"].values)


def test_joined_draws_have_the_weights_of_their_branches(tree: xr.DataTree, run: ModelRun) -> None:
    """P(x > 0) is 0.82; of draws put together without weights it is 0.74."""
    x, by_branch = tree["posterior"]["coupling_product"], run.posterior["coupling_product"].values
    positive = float((x > 0).mean())
    assert positive == pytest.approx(weighted(run, by_branch > 0), abs=0.01)
    assert positive == pytest.approx(0.82, abs=0.03)
    assert float((by_branch > 0).mean()) < positive - 0.04
    error = float(x.std()) / np.sqrt(x.size)
    assert float(x.mean()) == pytest.approx(weighted(run, by_branch), abs=4 * error)
    branch = tree["posterior"].coords["branch"]
    assert branch.dims == ("draw",)
    shares = [float((branch == number).mean()) for number in (0, 1)]
    np.testing.assert_allclose(shares, run.quality["weight"], atol=2e-3)


def test_groups_have_what_arviz_expects(tree: xr.DataTree) -> None:
    assert {"posterior", "log_likelihood", "prior", "observed_data", "branches"} == {*tree.children}
    observed, logs = (
        tree[name]["xenonnt_cevns.counts"] for name in ("observed_data", "log_likelihood")
    )
    assert logs.dims == ("chain", "draw", *observed.dims)
    assert observed.dims == ("xenonnt_cevns.run", "xenonnt_cevns.bin")
    for dim in observed.dims:
        np.testing.assert_array_equal(logs[dim], observed[dim])
    assert {*tree["prior"].data_vars} == {*tree["posterior"].data_vars}
    for name, variable in tree["prior"].data_vars.items():
        assert variable.dims == tree["posterior"][name].dims
    assert tree["branches/posterior"]["coupling"].dims == ("branch", "chain", "draw")


def test_logarithms_of_very_many_bins_are_left_out(
    run: ModelRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = run.draws()
    number = draws.sizes["chain"] * draws.sizes["draw"] * 243
    monkeypatch.setattr(at_draws, "MOST_NUMBERS", number)
    (logs,) = groups_of(run.spec, run, run.mass_mev, seed=1)["log_likelihood"].values()
    assert logs.size == number
    monkeypatch.setattr(at_draws, "MOST_NUMBERS", number - 1)
    left_out = groups_of(run.spec, run, run.mass_mev, seed=1)["log_likelihood"]
    assert not left_out
    assert left_out.attrs["left_out"].startswith(f"{number} numbers")


def test_groups_opened_alone_have_their_coordinates(folder: Path, tmp_path: Path) -> None:
    """A tree leaves to the parent what groups inherit: of a group opened alone it is gone."""
    top, below = xr.Dataset(coords={"bin": [10, 20]}), xr.Dataset({"x": ("bin", [1, 2])})
    inherited = xr.DataTree.from_dict({"/": top, "/a": below})
    assert "bin" in inherited["a"].coords
    inherited.to_netcdf(tmp_path / "tree.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "tree.nc", group="a", engine="h5netcdf") as alone:
        assert "bin" not in alone.coords
    for group in ("posterior", "prior", "log_likelihood", "observed_data"):
        with xr.open_dataset(folder / "posterior.nc", group=group, engine="h5netcdf") as alone:
            assert set(alone.dims) <= set(alone.coords), group


def test_statistics_of_the_sampler_have_one_type(folder: Path) -> None:
    """nutpie's divergence_message is None, NaN, a text or a number: it is not kept."""
    path = folder / "posterior.nc"
    with xr.open_dataset(path, group="branches/sample_stats", engine="h5netcdf") as stats:
        kinds = {name: stats[name].dtype.kind for name in stats.data_vars}
    assert kinds == {"diverging": "b", "energy": "f", "n_steps": "u", "step_size": "f", "lp": "f"}


def test_arviz_works_on_the_file(tree: xr.DataTree) -> None:
    table = az.summary(tree, var_names=["coupling_product", "flux_8b", "xenonnt_cevns.ac"])
    assert list(table.index)[:2] == ["coupling_product", "flux_8b"]
    assert len(table) == 5
    assert (table["r_hat"].astype(float) < 1.05).all()
    found = az.loo(tree)
    assert found.n_data_points == tree["observed_data"]["xenonnt_cevns.counts"].size
    assert np.isfinite(found.elpd)
    assert found.good_k >= float(found.pareto_k.max())
    mpl.use("agg")
    matrix = az.plot_pair(tree, var_names=["coupling_product", "flux_8b"])
    assert matrix.viz["figure"] is not None


def test_the_log_likelihood_is_poissons_in_every_bin(
    xenonnt: Experiment, tree: xr.DataTree
) -> None:
    """Against PyMC's own, of a model with all bins, at some of the joined draws."""
    model = build_model([xenonnt], interaction="vector-universal", mass_mev=10.0)
    plain = remove_value_transforms(model, model.free_RVs)
    density = plain.compile_fn(
        plain.logp(vars=plain.observed_RVs, sum=False), inputs=plain.value_vars, point_fn=False
    )
    names = [plain.values_to_rvs[value].name for value in plain.value_vars]
    ours = tree["log_likelihood"]["xenonnt_cevns.counts"]
    for chain, draw in ((0, 0), (0, 999), (3, 500)):
        at = tree["posterior"].to_dataset().isel(chain=chain, draw=draw)
        (found,) = density(*(at[name].values for name in names))
        np.testing.assert_allclose(ours.isel(chain=chain, draw=draw), found, rtol=0, atol=1e-8)
    assert float(ours.max()) <= 0.0


def test_draws_of_the_prior_are_of_the_prior(tree: xr.DataTree, run: ModelRun) -> None:
    assert run.prior is not None
    draws = tree["prior"].to_dataset()
    span = run.prior.upper - run.prior.lower
    share = (draws["coupling_coordinate"].values.ravel() - run.prior.lower) / span
    assert kstest(share, "uniform").pvalue > 1e-3
    np.testing.assert_allclose(
        draws["coupling_product"], run.prior.product(draws["coupling_coordinate"])
    )
    np.testing.assert_allclose(draws["coupling"], np.abs(draws["coupling_product"]) ** 0.5)
    flux = run.spec.experiments[0].card.nuisance["flux_8b"].prior
    mean, sigma = flux.mean_and_sd
    assert kstest(draws["flux_8b"].values.ravel(), norm(mean, sigma).cdf).pvalue > 1e-3


def test_the_file_says_what_it_is(tree: xr.DataTree, run: ModelRun) -> None:
    assert run.spec.interaction is not None
    assert run.prior is not None
    said, coupling = tree.attrs, run.spec.interaction.coupling
    assert (said["study"], said["interaction"], said["experiments"]) == (
        "sample", "vector-universal", "xenonnt_cevns"
    )  # fmt: skip
    assert (said["mass_mev"], said["level"], said["seed"], said["prior"]) == (10.0, 0.9, 1, "flat")
    assert said["prior_range"] == run.prior.range_text
    assert said["coupling_definition"] == coupling.definition
    assert {"bayes_cevns", "pymc"} <= json.loads(said["versions"]).keys()
    for group in ("posterior", "prior"):
        own = tree[group]["coupling"].attrs
        assert (own["units"], own["long_name"]) == (coupling.unit, coupling.symbol)
        assert "8B flux" in tree[group]["flux_8b"].attrs["long_name"]


def test_what_is_read_is_the_fit_that_was_sampled(run: ModelRun, tree: xr.DataTree) -> None:
    xr.testing.assert_equal(run.draws(), tree["posterior"].to_dataset())
    assert run.passed
    assert run.posterior["coupling"].attrs == {}


def test_its_analysis_file_samples_the_same_draws(folder: Path, run: ModelRun) -> None:
    again = run_study(read_analysis(folder / ANALYSIS_FILE))
    assert again.digest() == run.digest()
