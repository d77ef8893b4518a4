"""Posteriors of couplings: evidence and weights beside the likelihood, and what is kept."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import xarray as xr
from pymc.model.transform.conditioning import remove_value_transforms
from scipy import stats

from bayes_cevns.couplings.box import box_prior
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.errors import ArgumentError, ConvergenceError, UnknownNameError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.modes.box_branches import BoxBranch
from bayes_cevns.model import build_model
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import nuisance_name
from bayes_cevns.studies import couplings as module
from bayes_cevns.studies.couplings import INTERVAL_COLUMNS, nuisances_of, sample_couplings

NAMES = ("eps_ee_u", "eps_mutau_d")


@pytest.fixture(scope="module")
def engine(xenonnt: Experiment) -> Engine:
    return Engine(ModelSpec.of([xenonnt], couplings=CouplingModel.of(NAMES)), free=1)


def prior_draws(experiment: Experiment, number: int) -> dict[str, np.ndarray]:
    """Draw the nuisances from the truncated normals of the model card."""
    rng = np.random.default_rng(3)
    found = {}
    for name in experiment.nuisances():
        entry = experiment.card.nuisance[name]
        mean, width = entry.prior.normal
        sigma = np.array([width[run] for run in experiment.runs]) if entry.per_run else width
        lower = (entry.prior.lower - mean) / sigma
        upper = (np.inf if entry.prior.upper is None else entry.prior.upper - mean) / sigma
        shape = (number, *np.shape(sigma))
        found[nuisance_name(experiment, name)] = mean + sigma * stats.truncnorm.rvs(
            lower, upper, size=shape, random_state=rng
        )
    return found


def test_evidence_and_weights_are_those_of_the_likelihood_over_the_prior(
    engine: Engine, xenonnt: Experiment
) -> None:
    """The readable twin: draw everything from the prior, and average the likelihood."""
    name = "eps_mutau_d"
    parts = engine.branches([NAMES.index(name)])
    assert len(parts) == 2
    fit = engine.fit(free=[name], seed=1, branches=parts)
    assert fit.passed, fit.reason

    model = build_model([xenonnt], couplings=CouplingModel.of([name]))
    plain = remove_value_transforms(model, model.free_RVs)
    likelihood = plain.compile_fn(plain.logp(vars=plain.observed_RVs), point_fn=True)
    draws = prior_draws(xenonnt, 6000) | {name: np.random.default_rng(2).uniform(-1, 1, 6000)}
    inputs = {rv.name: value.name for rv, value in plain.rvs_to_values.items()}
    logs = np.array(
        [
            float(likelihood({inputs[key]: values[i] for key, values in draws.items()}))
            for i in range(6000)
        ]
    )
    weight = np.exp(logs - logs.max())
    log_z = logs.max() + np.log(weight.mean())
    error = weight.std() / weight.mean() / np.sqrt(weight.size)
    found = np.logaddexp.reduce(fit.quality["log_evidence"].values.astype(float))
    assert error < 0.05
    assert found == pytest.approx(log_z, abs=4 * error)
    upper = np.exp(parts[1].part.log_share(draws[name][:, None]))
    share = (weight * upper).sum() / weight.sum()
    error = np.sqrt((weight**2 * (upper - share) ** 2).sum()) / weight.sum()
    assert float(fit.quality["weight"][1]) == pytest.approx(share, abs=4 * error)
    mean = weight @ draws[name] / weight.sum()
    ours = float(fit.quality["weight"].values @ fit.posterior[name].values.mean(axis=(1, 2)))
    assert ours == pytest.approx(mean, abs=0.03)


def test_where_the_box_is_cut_does_not_matter(engine: Engine) -> None:
    name = "eps_ee_u"
    box = engine.box.some([NAMES.index(name)]).box
    means, evidences = [], []
    starts = engine.branches([NAMES.index(name)])[0].starts[:1].repeat(4, axis=0)
    walls = [box.cut(np.ones(1), places) for places in ([], [0.05], [-0.1, 0.2])]
    planes = BoxPart.of(box).cut(np.ones(1), [0.3], [0.02])
    for parts in (*([BoxPart.of(slab) for slab in slabs] for slabs in walls), planes):
        branches = [BoxBranch(part, starts, 0.0) for part in parts]
        fit = engine.fit(free=[name], seed=4, branches=branches)
        assert fit.passed, fit.reason
        values = fit.posterior[name].mean(dim=("chain", "draw")).values
        means.append(float(fit.quality["weight"].values @ values))
        evidences.append(np.logaddexp.reduce(fit.quality["log_evidence"].values.astype(float)))
    assert np.ptp(means) < 0.04
    assert np.ptp(evidences) < 0.15


def test_a_fit_of_another_number_of_couplings_is_refused(
    engine: Engine, xenonnt: Experiment
) -> None:
    with pytest.raises(ArgumentError, match="1 free couplings, got eps_ee_u, eps_mutau_d"):
        engine.fit(free=NAMES, seed=1)
    with pytest.raises(ArgumentError, match="1 free couplings, got none"):
        engine.fit(seed=1)
    with pytest.raises(UnknownNameError, match="free coupling 'eps_ee_d'"):
        engine.fit(free=["eps_ee_d"], seed=1)
    with pytest.raises(ArgumentError, match="2 free couplings, got eps_ee_u, eps_ee_u"):
        Engine(engine.spec).fit(free=["ee_u", "eps_ee_u"], seed=1)
    for free in (0, 3, 1.5, True):
        with pytest.raises(ArgumentError, match="expected free couplings, a whole number >= 1"):
            Engine(engine.spec, free=free)
    with pytest.raises(ArgumentError, match="name some couplings"):
        Engine(ModelSpec.of([xenonnt]), free=1)


class FakeEngine:
    """Stands in for the engine: draws at once, and counts how often it is asked."""

    asked: ClassVar[list[tuple[str, ...]]] = []
    passed = True

    def __init__(self, spec: ModelSpec, settings: object, *, free: int | None) -> None:
        self.spec, self.free, self.settings = spec, free, settings
        self.tables = spec.tables()
        self.box = box_prior(spec.couplings, self.tables, spec.bounds)

    def check(self, masses: list[None], *, seed: int) -> None:
        """Accept whatever is asked."""

    def fit(self, *, free: tuple[str, ...], seed: int) -> Fit:
        parameters = free
        assert self.free in (None, len(parameters))
        self.asked.append(tuple(parameters))
        rng = np.random.default_rng(seed)
        places = np.array([-0.4, 0.3])[:, None, None]
        dims = ("branch", "chain", "draw")
        draws = {name: (dims, rng.normal(places, 0.05, (2, 4, 500))) for name in parameters}
        columns = {
            "weight": [0.75, 0.25],
            "log_evidence": [-10.0, -11.1],
            "log_evidence_error": [0.01, 0.01],
            "passed": [self.passed] * 2,
            "reason": [""] * 2 if self.passed else ["missed", ""],
        }
        quality = xr.Dataset({k: ("branch", np.array(v)) for k, v in columns.items()})
        stats = xr.Dataset({"diverging": (dims, np.zeros((2, 4, 500), dtype=bool))})
        return Fit(None, xr.Dataset(draws), stats, quality)


@pytest.fixture(name="fake")
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> type[FakeEngine]:
    monkeypatch.setattr(module, "Engine", FakeEngine)
    monkeypatch.setattr(FakeEngine, "asked", [])
    return FakeEngine


@pytest.mark.usefixtures("fake")
def test_the_table_of_intervals(xenonnt: Experiment, tmp_path: Path) -> None:
    result = sample_couplings([xenonnt], couplings=NAMES, levels=(0.9,), out=tmp_path / "run")
    lines = (tmp_path / "run" / "intervals.csv").read_text().splitlines()
    assert lines[0].split(",") == list(INTERVAL_COLUMNS)
    rows = list(csv.DictReader(lines))
    assert [row["parameter"] for row in rows] == [name for name in NAMES for _ in range(2)]
    for row in rows:
        assert row["coupling"] == row["parameter"]
        assert row["prior_text"] == f"uniform in {row['parameter']}"
        assert (row["experiment"], row["unit"], row["data"]) == ("xenonnt_cevns", "1", "observed")
        assert (row["kind"], row["prior"], row["level"]) == ("credible", "flat", "0.9")
        assert row["phase_convention"] == "pdg"
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        ends = [float(row[end]) for row in (first, second) for end in ("low", "high")]
        assert ends == sorted(ends)
        assert float(first["branch_weight"]) == pytest.approx(0.75)
        assert float(second["branch_weight"]) == pytest.approx(0.25)
        assert all(row[end] == "" for row in (first, second) for end in ("at_bound", "bound_of"))
    assert result.pairs == (NAMES,)
    assert len(result.regions(*NAMES).cuts) == 1
    with pytest.raises(UnknownNameError, match="coupling or nuisance 'eps_ee_d'"):
        result.regions("eps_ee_u", "eps_ee_d")


def test_an_interrupted_run_goes_on_where_it_was(
    fake: type[FakeEngine], xenonnt: Experiment, tmp_path: Path
) -> None:
    def interrupt(name: str, _: Fit) -> None:
        if name == NAMES[1]:
            raise KeyboardInterrupt

    names = (*NAMES, "eps_emu_u")
    with pytest.raises(KeyboardInterrupt):
        sample_couplings(
            [xenonnt], couplings=names, one_at_a_time=True, out=tmp_path, on_fit=interrupt
        )
    assert fake.asked == [(name,) for name in NAMES]
    assert not (tmp_path / "intervals.csv").exists()
    options = {"couplings": names, "one_at_a_time": True, "out": tmp_path}
    result = sample_couplings([xenonnt], **options)
    assert fake.asked == [(name,) for name in names], "what was done is not done again"
    again = sample_couplings([xenonnt], **options)
    assert len(fake.asked) == len(names), "a finished run is read"
    assert again.interval_rows() == result.interval_rows()
    assert again.pairs == ()


def test_a_failed_fit_is_kept_and_told(
    fake: type[FakeEngine], xenonnt: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "passed", False)
    with pytest.raises(ConvergenceError, match=r"1 of 1 fits failed .* \(joint: .*missed"):
        sample_couplings([xenonnt], couplings=NAMES, out=tmp_path)
    assert (tmp_path / "intervals.csv").read_text().splitlines() == [",".join(INTERVAL_COLUMNS)]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"couplings": []}, ArgumentError, "got none"),
        ({"couplings": ["eu_u"]}, UnknownNameError, "unknown coupling 'eu_u'"),
        ({"levels": ()}, ArgumentError, "one credible level or more"),
        ({"levels": (0.9, 0.9)}, ArgumentError, "each once"),
        ({"levels": (0.9, 1.0)}, ArgumentError, "credible level"),
        ({"couplings": ["ee_u", "ee_u"]}, ArgumentError, "each once"),
        ({"couplings": ["x_u"]}, ArgumentError, "expected the mass of the mediator"),
        ({"mass_mev": 3.0}, ArgumentError, "no couplings of a mediator"),
        ({"couplings": ["eA"]}, ArgumentError, "eps_eA: no change in the expected counts"),
        ({"couplings": ["x_e"], "mass_mev": 3.0}, ArgumentError, "x_e changes no signal"),
        ({"matter": "no"}, ArgumentError, "matter must be True or False"),
        ({"one_at_a_time": 2}, ArgumentError, "one_at_a_time must be True or False"),
        ({"nuisance_priors": {"flux": "sno"}}, UnknownNameError, "nuisance 'flux'"),
        ({"seed": -1}, ArgumentError, "seed"),
        ({"bounds": {"ee_u": (0.0, np.nan)}}, ArgumentError, "bounds of eps_ee_u"),
    ],
)
def test_wrong_arguments(
    fake: type[FakeEngine], xenonnt: Experiment, options: dict, error: type, message: str
) -> None:
    with pytest.raises(error, match=message):
        sample_couplings([xenonnt], **({"couplings": ["ee_u"]} | options))
    assert fake.asked == []


def test_the_region_of_a_coupling_and_a_nuisance(
    fake: type[FakeEngine], xenonnt: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one number, the flux, but not of one for each run."""
    of_couplings = fake.fit
    rng = np.random.default_rng(5)

    def with_nuisances(self: FakeEngine, *, free: tuple[str, ...], seed: int) -> Fit:
        fit = of_couplings(self, free=free, seed=seed)
        flux = ("branch", "chain", "draw"), np.abs(rng.normal(1.0, 0.04, (2, 4, 500)))
        return replace(fit, posterior=fit.posterior.assign(flux_8b=flux))

    monkeypatch.setattr(fake, "fit", with_nuisances)
    result = sample_couplings([xenonnt], couplings=NAMES, levels=(0.68, 0.9))
    known = nuisances_of(result.spec.experiments)
    assert "flux_8b" in known
    assert not any(name.endswith(".ac") for name in known), "one for each run"
    found = result.regions("eps_ee_u", "flux_8b")
    assert len(found.cuts) == 2
    for name in ("flux", "eps_ee_d"):
        with pytest.raises(UnknownNameError, match=f"coupling or nuisance '{name}'"):
            result.regions("eps_ee_u", name)
    with pytest.raises(ArgumentError, match="two parameters, got eps_ee_u twice"):
        result.regions("eps_ee_u", "eps_ee_u")
    alone = sample_couplings([xenonnt], couplings=NAMES, one_at_a_time=True)
    with pytest.raises(ArgumentError, match="not free together"):
        alone.regions("eps_ee_u", "flux_8b")
