"""The study of several couplings: what is kept, read back and run again, and how it refuses."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.box import box_prior
from bayes_cevns.errors import (
    ArgumentError,
    ConvergenceError,
    OutputError,
    UnfinishedWarning,
    UnknownNameError,
)
from bayes_cevns.figures.catalogue import figures_of
from bayes_cevns.physics.oscillation import DE_SALAS_2020, Propagation
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.digests import digest_of
from bayes_cevns.studies import couplings as couplings_study
from bayes_cevns.studies import engines, words
from bayes_cevns.studies.analysis_file import read_analysis
from bayes_cevns.studies.coupling_fits import INTERVAL_COLUMNS, NamedFit, nuisances_of
from bayes_cevns.studies.couplings import sample_couplings
from bayes_cevns.studies.load import load
from bayes_cevns.studies.run import run as run_study
from bayes_cevns.summary.fit import Fit

NAMES = ("eps_ee_u", "eps_mutau_d")


class FakeEngine:
    """Stands in for the engine: draws at once, and counts how often it is asked."""

    asked: ClassVar[list[tuple[str, ...]]] = []
    passed = True

    def __init__(self, spec: ModelSpec, _: object, *, free: int | None) -> None:
        self.spec, self.free = spec, free
        self.tables = spec.tables()
        self.box = box_prior(spec.couplings, self.tables, spec.bounds)

    def check(self, masses: list[None], *, seed: int) -> None:
        """Accept whatever is asked."""

    def compile(self) -> None:
        """There is nothing to compile."""

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
        box = self.box.some([self.box.names.index(name) for name in parameters])
        return Fit(None, xr.Dataset(draws), stats, quality, box=box)


@pytest.fixture(name="fake")
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> type[FakeEngine]:
    monkeypatch.setattr(engines, "engine_for", FakeEngine)
    # The draws of the fake engine are of couplings alone.
    monkeypatch.setattr(couplings_study, "groups_of", lambda *_, **__: {})
    monkeypatch.setattr(FakeEngine, "asked", [])
    return FakeEngine


def parameters(folder: Path) -> tuple[str, ...]:
    """Return the couplings of which a folder has intervals."""
    rows = csv.DictReader((folder / "intervals.csv").read_text().splitlines())
    return tuple(dict.fromkeys(row["parameter"] for row in rows))


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
    def interrupt(point: NamedFit) -> None:
        if point.name == NAMES[1]:
            raise KeyboardInterrupt

    names = (*NAMES, "eps_emu_u")
    options = {"couplings": names, "one_at_a_time": True, "out": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        sample_couplings([xenonnt], **options, on_point=interrupt)
    assert fake.asked == [(name,) for name in NAMES]
    assert parameters(tmp_path) == NAMES, "what is finished is quoted"
    with pytest.warns(UnfinishedWarning, match="2 of 3 points are finished"):
        part = load(tmp_path)
    assert part.quoted == NAMES
    with pytest.raises(ArgumentError, match="the fit of eps_emu_u is not finished"):
        part.intervals("eps_emu_u", 0.9)

    result = sample_couplings([xenonnt], **options)
    assert fake.asked == [(name,) for name in names], "what was done is not done again"
    assert parameters(tmp_path) == names
    again = sample_couplings([xenonnt], **options)
    assert len(fake.asked) == len(names), "a finished run is read"
    assert again.interval_rows() == result.interval_rows()
    assert again.pairs == ()
    assert figures_of(again) == {}


def test_one_at_a_time_each_has_its_group(
    fake: type[FakeEngine], xenonnt: Experiment, tmp_path: Path
) -> None:
    """The first of several has the numbers of a fit of it alone, with the same seed."""
    sample_couplings([xenonnt], couplings=NAMES, one_at_a_time=True, out=tmp_path / "all")
    sample_couplings([xenonnt], couplings=NAMES[:1], out=tmp_path / "one")
    assert len(fake.asked) == 3
    with (
        xr.open_datatree(tmp_path / "all" / "posterior.nc", engine="h5netcdf") as several,
        xr.open_datatree(tmp_path / "one" / "posterior.nc", engine="h5netcdf") as one,
    ):
        for name in NAMES:
            assert set(several[name]["posterior"].data_vars) == {name}
        alone = several[NAMES[0]]["branches/posterior"].to_dataset()
        assert alone.identical(one["branches/posterior"].to_dataset())


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize("apart", [True, False])
def test_a_run_is_read_back_and_can_be_run_again(
    apart: bool, xenonnt: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its folder alone, with mixing, bounds and the pairs that are drawn."""
    result = sample_couplings(
        [xenonnt],
        couplings=["ee_u", "ee[eta=30,phi=45]"],
        one_at_a_time=apart,
        bounds={"ee_u": (-0.9, 0.8)},
        levels=(0.68,),
        pairs=[] if apart else [("ee[eta=30,phi=45]", "ee_u")],
        propagation=Propagation(parameters=DE_SALAS_2020, earth="none"),
        matter=False,
        seed=5,
        out=tmp_path / "run",
    )
    again = run_study(read_analysis(tmp_path / "run" / "analysis.toml"), out=tmp_path / "again")
    with monkeypatch.context() as patch:
        patch.setattr(engines, "engine_for", lambda *_, **__: pytest.fail("an engine was made"))
        loaded = load(tmp_path / "run")
    for other in (again, loaded):
        assert other.tables() == result.tables()
        assert other.lines() == result.lines()
        assert other.report() == result.report()
        assert other.drawn == result.drawn
        assert list(figures_of(other)) == list(figures_of(result))
    csv_files = [(tmp_path / name / "intervals.csv").read_bytes() for name in ("run", "again")]
    assert csv_files[0] == csv_files[1] == result.tables()["intervals.csv"].encode()
    if apart:
        assert figures_of(loaded) == {}
    else:
        assert list(figures_of(loaded)) == ["region_eps_ee[eta=30,phi=45]_eps_ee_u"]
        assert loaded.regions(*loaded.pairs[0]).cuts == result.regions(*result.pairs[0]).cuts


@pytest.mark.parametrize(
    "way",
    [
        Propagation(),
        Propagation(earth="none", parameters=DE_SALAS_2020, model="b23-sf3-gs98"),
        Propagation(flavours="two", earth="none", detection="propagation-basis"),
    ],
)
def test_the_words_of_a_propagation_make_it_again(way: Propagation) -> None:
    """With the same digest, which decides whether a folder is of the same run."""
    again = words.propagation_of(words.of_propagation(way))
    assert again == way
    assert digest_of(again.parameters) == digest_of(way.parameters)


def test_other_pairs_are_of_the_same_run(
    fake: type[FakeEngine], xenonnt: Experiment, tmp_path: Path
) -> None:
    options = {"couplings": NAMES, "out": tmp_path}
    assert list(figures_of(sample_couplings([xenonnt], **options))) == [
        f"region_{NAMES[0]}_{NAMES[1]}"
    ]
    again = sample_couplings([xenonnt], **options, pairs=["mutau_d:ee_u"])
    assert list(figures_of(again)) == [f"region_{NAMES[1]}_{NAMES[0]}"]
    assert figures_of(sample_couplings([xenonnt], **options, pairs=[])) == {}
    assert len(fake.asked) == 1
    assert load(tmp_path).pairs == ()
    with pytest.raises(OutputError, match="another run"):
        sample_couplings([xenonnt], **options, levels=(0.5,))


def test_a_failed_fit_is_kept_and_told(
    fake: type[FakeEngine], xenonnt: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "passed", False)
    with pytest.raises(ConvergenceError, match=r"1 of 1 fits failed .* \(joint: .*missed"):
        sample_couplings([xenonnt], couplings=NAMES, out=tmp_path)
    assert (tmp_path / "intervals.csv").read_text().splitlines() == [",".join(INTERVAL_COLUMNS)]
    kept = load(tmp_path)
    assert list(kept.failures()) == ["joint"]
    assert not any("credible" in line for line in kept.lines())
    assert figures_of(kept) == {}


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
        ({"couplings": "ee_u"}, ArgumentError, "expected a list of couplings"),
        ({"pairs": ["ee_u"]}, ArgumentError, "expected one:other"),
        ({"pairs": ""}, ArgumentError, "expected one:other"),
        ({"pairs": [("ee_u",)]}, ArgumentError, "expected pairs of parameters"),
        ({"pairs": 3}, ArgumentError, "expected pairs of parameters"),
        ({"pairs": [("ee_u", "eps_ee_u")]}, ArgumentError, "two parameters, got eps_ee_u twice"),
        ({"pairs": [("ee_u", "ee_d")]}, UnknownNameError, "coupling or nuisance 'ee_d'"),
        ({"pairs": [("flux_8b", "tly")]}, ArgumentError, "not free together"),
        ({"propagation": {"sun": "b16-gs98"}}, UnknownNameError, "propagation 'sun'"),
        ({"propagation": {"mixing": {"theta": 1}}}, UnknownNameError, "mixing 'theta'"),
        ({"propagation": "three"}, ArgumentError, "a Propagation of solar neutrinos"),
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
