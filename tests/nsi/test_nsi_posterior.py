"""Posteriors of NSI: evidence and weights against the likelihood itself, and what is kept."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import xarray as xr
from bayes_cevns.inference.nsi import NsiEngine
from bayes_cevns.inference.sample_nsi import INTERVAL_COLUMNS, sample_nsi
from bayes_cevns.nsi import nsi_model
from bayes_cevns.nsi.specification import NsiSpec
from pymc.model.transform.conditioning import remove_value_transforms
from scipy import stats

from bayes_cevns.errors import ArgumentError, ConvergenceError, UnknownNameError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference import sample_nsi as module
from bayes_cevns.inference.fit import Fit
from bayes_cevns.model import nuisance_name

NAMES = ("eps_ee_u", "eps_mutau_d")


@pytest.fixture(scope="module")
def engine(xenonnt: Experiment) -> NsiEngine:
    return NsiEngine(NsiSpec.of([xenonnt], parameters=NAMES), count=1)


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
    engine: NsiEngine, xenonnt: Experiment
) -> None:
    """The readable twin: draw everything from the prior, and average the likelihood."""
    name = "eps_mutau_d"
    slabs = engine.branches([name])
    assert len(slabs) == 2
    fit = engine.fit([name], seed=1, branches=slabs)
    assert fit.passed, fit.reason

    model = nsi_model([xenonnt], parameters=[name])
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
    upper = slabs[1].contains(draws[name][:, None])
    share = weight[upper].sum() / weight.sum()
    error = np.sqrt((weight**2 * (upper - share) ** 2).sum()) / weight.sum()
    assert float(fit.quality["weight"][1]) == pytest.approx(share, abs=4 * error)
    mean = weight @ draws[name] / weight.sum()
    ours = float(fit.quality["weight"].values @ fit.posterior[name].values.mean(axis=(1, 2)))
    assert ours == pytest.approx(mean, abs=0.03)


def test_where_the_box_is_cut_does_not_matter(engine: NsiEngine) -> None:
    (name,) = ("eps_ee_u",)
    box = engine.free([name]).box
    means, evidences = [], []
    for places in ([], [0.05], [0.3], [-0.1, 0.2]):
        fit = engine.fit([name], seed=4, branches=box.cut(np.ones(1), places))
        assert fit.passed, fit.reason
        values = fit.posterior[name].mean(dim=("chain", "draw")).values
        means.append(float(fit.quality["weight"].values @ values))
        evidences.append(np.logaddexp.reduce(fit.quality["log_evidence"].values.astype(float)))
    assert np.ptp(means) < 0.04
    assert np.ptp(evidences) < 0.15


def test_a_fit_of_another_number_of_couplings_is_refused(engine: NsiEngine) -> None:
    with pytest.raises(ArgumentError, match="1 free couplings, got eps_ee_u, eps_mutau_d"):
        engine.fit(NAMES, seed=1)
    with pytest.raises(ArgumentError, match="1 to 2 free couplings, got 3"):
        NsiEngine(engine.spec, count=3)


class FakeEngine:
    """Stands in for the engine: draws at once, and counts how often it is asked."""

    asked: ClassVar[list[tuple[str, ...]]] = []
    passed = True

    def __init__(self, spec: NsiSpec, **options: object) -> None:
        assert set(options) == {"count", "settings"}
        self.spec = spec

    def check(self) -> None:
        """Accept whatever is asked."""

    def fit(self, parameters: tuple[str, ...], *, seed: int) -> Fit:
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
    monkeypatch.setattr(module, "NsiEngine", FakeEngine)
    monkeypatch.setattr(FakeEngine, "asked", [])
    return FakeEngine


@pytest.mark.usefixtures("fake")
def test_the_table_of_intervals(xenonnt: Experiment, tmp_path: Path) -> None:
    result = sample_nsi([xenonnt], parameters=NAMES, levels=(0.9,), out=tmp_path / "run")
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
    with pytest.raises(ArgumentError, match="not free together"):
        result.regions("eps_ee_u", "eps_ee_d")


def test_an_interrupted_run_goes_on_where_it_was(
    fake: type[FakeEngine], xenonnt: Experiment, tmp_path: Path
) -> None:
    def interrupt(name: str, _: Fit) -> None:
        if name == NAMES[1]:
            raise KeyboardInterrupt

    names = (*NAMES, "eps_emu_u")
    with pytest.raises(KeyboardInterrupt):
        sample_nsi([xenonnt], parameters=names, one_at_a_time=True, out=tmp_path, on_fit=interrupt)
    assert fake.asked == [(name,) for name in NAMES]
    assert not (tmp_path / "intervals.csv").exists()
    options = {"parameters": names, "one_at_a_time": True, "out": tmp_path}
    result = sample_nsi([xenonnt], **options)
    assert fake.asked == [(name,) for name in names], "what was done is not done again"
    again = sample_nsi([xenonnt], **options)
    assert len(fake.asked) == len(names), "a finished run is read"
    assert again.interval_rows() == result.interval_rows()
    assert again.pairs == ()


def test_a_failed_fit_is_kept_and_told(
    fake: type[FakeEngine], xenonnt: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "passed", False)
    with pytest.raises(ConvergenceError, match=r"1 of 1 fits failed .* \(joint: .*missed"):
        sample_nsi([xenonnt], parameters=NAMES, out=tmp_path)
    assert (tmp_path / "intervals.csv").read_text().splitlines() == [",".join(INTERVAL_COLUMNS)]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"parameters": []}, ArgumentError, "got none"),
        ({"parameters": ["eu_u"]}, UnknownNameError, "NSI coupling 'eu_u'"),
        ({"levels": ()}, ArgumentError, "one credible level or more"),
        ({"levels": (0.9, 0.9)}, ArgumentError, "each once"),
        ({"levels": (0.9, 1.0)}, ArgumentError, "credible level"),
        ({"seed": -1}, ArgumentError, "seed"),
        ({"bounds": {"ee_u": (0.0, np.nan)}}, ArgumentError, "bounds of eps_ee_u"),
    ],
)
def test_wrong_arguments(
    fake: type[FakeEngine], xenonnt: Experiment, options: dict, error: type, message: str
) -> None:
    with pytest.raises(error, match=message):
        sample_nsi([xenonnt], **({"parameters": ["ee_u"]} | options))
    assert fake.asked == []
