"""Experiments and priors that are added to a finished run, beside fits of all of them."""

from __future__ import annotations

import csv
import os
import signal
import sys
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pytest
from accidents import stopped_at
from copies import FINISHED, STOPPED, done

import bayes_cevns as bc
from bayes_cevns.cli import main
from bayes_cevns.cli.reweight import write
from bayes_cevns.errors import (
    ArgumentError,
    ConvergenceError,
    DataError,
    OutputError,
    UnknownNameError,
)
from bayes_cevns.inference.reweighting import Weights, _systematic
from bayes_cevns.studies.reweight import Reweighted
from bayes_cevns.studies.sample import ModelRun

KILL = signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM

ASKED: dict[str, Any] = {"interaction": "b-l", "mass_mev": 10.0}
SIGNED: dict[str, Any] = {"interaction": "vector-universal", "mass_mev": 10.0}


@pytest.fixture(scope="module")
def run() -> ModelRun:
    return bc.sample("conus_plus", **ASKED, seed=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scan") / "run"
    bc.scan("conus_plus", interaction="b-l", masses_mev=[1.0, 100.0], seed=1, out=path)
    return path


def assert_alike(found: Any, expected: Any) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one.side == other.side
        error = np.hypot(one.mc_error, other.mc_error)
        assert 0 < error < 0.03 * other.value
        assert one.value == pytest.approx(other.value, abs=3.5 * error)


@pytest.mark.parametrize(
    ("asked", "added"),
    [
        (ASKED, ["coherent_ge_counts"]),  # with nuisances of its own
        (ASKED, ["coherent_csi", "lz_8b_number"]),
        (SIGNED, ["lz_8b_number"]),  # branches with other weights
    ],
)
def test_an_added_experiment_is_that_of_a_joint_fit(asked, added):
    run = bc.sample("conus_plus", **asked, seed=1)
    found = bc.reweighted(run, experiments=added)
    joint = bc.sample(["conus_plus", *added], **asked, seed=2)
    point = found.points[0]
    assert_alike(point.limits, bc.limits(joint, 0.9))
    np.testing.assert_allclose(
        point.fit.quality["weight"],
        joint.quality["weight"],
        atol=0.01 if len(point.limits) > 1 else 0,
    )
    assert set(point.fit.posterior.data_vars) == set(joint.posterior.data_vars)
    for name in joint.posterior.data_vars:
        one, other = (np.sort(f.draws()[name].values, axis=None) for f in (point.fit, joint))
        spread = other.std()
        assert one.mean() == pytest.approx(other.mean(), abs=0.25 * spread), name
        assert one.std() == pytest.approx(spread, rel=0.15), name
    assert point.fit.notes["pareto_k"] <= 0.7
    assert found.spec.experiments == joint.spec.experiments


def test_evidences_are_those_of_the_joint_model():
    """Of branches: the difference of fits in the same range of the prior."""
    run = bc.sample("conus_plus", **SIGNED, max_coupling=1e-4, seed=1)
    joint = bc.sample(["conus_plus", "lz_8b_number"], **SIGNED, max_coupling=1e-4, seed=2)
    found = bc.reweighted(run, experiments="lz_8b_number").points[0].fit.quality
    error = np.hypot(found["log_evidence_error"], joint.quality["log_evidence_error"])
    pull = (found["log_evidence"] - joint.quality["log_evidence"]) / error
    assert (error < 0.2).all()
    assert (np.abs(pull) < 4.0).all(), pull.values


def test_another_prior_is_that_of_a_fit_with_it(run):
    priors = {"normalisation": "1.05+-0.03", "quenching": bc.Prior.normal(0.5, 0.5)}
    found = bc.reweighted(run, nuisance_priors=priors)
    anew = bc.sample("conus_plus", **ASKED, nuisance_priors=priors, seed=3)
    assert_alike(found.points[0].limits, bc.limits(anew, 0.9))
    assert found.spec.nuisance_priors == anew.spec.nuisance_priors
    (row,) = found.limit_rows()
    assert "1.05+-0.03" in row["prior_text"]


def test_a_scan_is_reweighted_at_every_mass(folder):
    found = bc.reweighted(folder, experiments="coherent_ge_counts", level=0.95)
    joint = bc.scan(
        ["conus_plus", "coherent_ge_counts"],
        interaction="b-l",
        masses_mev=[1.0, 100.0],
        seed=2,
        level=0.95,
    )
    assert isinstance(found, Reweighted)
    for one, other in zip(found.points, joint.points, strict=True):
        assert_alike(one.limits, other.limits)
    assert found.level == 0.95
    assert found.at_level(0.68).points[0].limits[0].value < found.points[0].limits[0].value
    assert "reweighted" in found.lines()[0]


def test_an_interaction_without_a_mass_has_one_point():
    run = bc.sample("xenonnt_er", interaction="magnetic-moment", seed=1)
    found = bc.reweighted(run, nuisance_priors={"flux_pp": "1.0+-0.005"})
    (row,) = found.limit_rows()
    assert row["mass_mev"] == ""
    assert found.weight_rows()[0]["mass_mev"] == ""
    assert bc.plot(found) == {}


def test_weights_that_cannot_be_trusted_are_refused(run):
    with pytest.raises(ConvergenceError, match=r"Pareto k of the weights .* > 0.7.*fit anew"):
        bc.reweighted(run, nuisance_priors={"normalisation": "0.7+-0.01"})


def test_a_mass_whose_weights_fail_is_no_limit(folder):
    scan = bc.load(folder)
    bad = scan.points[0].fit
    # Draws far away in one nuisance: at this mass all weights but few vanish.
    moved = bad.posterior.assign(
        {"conus_plus.normalisation": bad.posterior["conus_plus.normalisation"] + 0.5}
    )
    object.__setattr__(bad, "posterior", moved)
    found = bc.reweighted(scan, nuisance_priors={"normalisation": "1.0+-0.02"})
    assert [p.fit.passed for p in found.points] == [False, True]
    assert "effective draws" in found.points[0].fit.reason or "Pareto" in found.points[0].fit.reason
    assert list(found.failures()) == ["1 MeV"]
    assert [row["passed"] for row in found.limit_rows()] == [False, True]


@pytest.mark.parametrize(
    ("asked", "error", "text"),
    [
        ({}, ArgumentError, "nothing to change"),
        ({"experiments": "nothing"}, UnknownNameError, "unknown experiment"),
        ({"experiments": "conus_plus"}, ArgumentError, "named twice"),
        ({"experiments": "conus_plus_spectrum"}, ArgumentError, "allow_overlap"),
        ({"experiments": "connie"}, ArgumentError, "no observed counts"),
        ({"nuisance_priors": {"flux_8b": "sno"}}, UnknownNameError, "unknown nuisance"),
        ({"experiments": "lz_8b_number", "level": 1.5}, ArgumentError, "level"),
    ],
)
def test_what_cannot_be_asked_for(run, asked, error, text):
    with pytest.raises(error, match=text):
        bc.reweighted(run, **asked)


def test_a_prior_that_reaches_where_no_draws_are():
    narrow = {"normalisation": "uniform:0.95:1.05"}
    fit = bc.sample("conus_plus", **ASKED, nuisance_priors=narrow, seed=1)
    with pytest.raises(ArgumentError, match=r"the prior 1.0\+-0.1.* outside of 0.95"):
        bc.reweighted(fit, nuisance_priors={"normalisation": "1.0+-0.1"})
    with pytest.raises(ArgumentError, match="100% of its probability outside"):
        bc.reweighted(fit, nuisance_priors={"normalisation": "uniform:1.1:1.2"})


def test_runs_without_a_coupling_or_of_other_studies(run):
    standard = bc.sample("conus_plus", seed=1)
    with pytest.raises(ArgumentError, match="with an interaction"):
        bc.reweighted(standard, experiments="lz_8b_number")
    again = bc.reweighted(run, experiments="lz_8b_number")
    with pytest.raises(ArgumentError, match="got Reweighted"):
        bc.reweighted(again, experiments="coherent_ge_counts")


def test_a_sign_that_becomes_observable():
    run = bc.sample("conus_plus", interaction="axial", mass_mev=10.0, seed=1)
    with pytest.raises(ArgumentError, match="sign of the coupling is observable with xenonnt_er"):
        bc.reweighted(run, experiments="xenonnt_er")


def test_weights_of_known_numbers():
    log = np.log(np.arange(1.0, 401.0)).reshape(2, 2, 100)
    weights = Weights(log, np.array([0.25, 0.75]), added=None)  # type: ignore[arg-type]
    w = np.exp(log) * np.array([0.25, 0.75])[:, None, None]
    assert weights.effective == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert weights.reason == ""
    none = Weights(np.full((1, 2, 100), -np.inf), np.ones(1), added=None)  # type: ignore[arg-type]
    assert none.effective == 0.0
    assert "Pareto k" in none.reason
    for seed in range(5):  # in whole numbers of the mean weight, each is there so often
        places = _systematic(np.log([1.0, 2.0, 1.0, 1e-9]), np.random.default_rng(seed))
        assert places.tolist() == [0, 1, 1, 2]


def typed(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_command(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "new" / "results"
    words = ["reweight", str(folder), "--add", "coherent_ge_counts,lz_8b_number", "--out", str(out)]
    assert typed(monkeypatch, *words) == 0
    said = capsys.readouterr().out
    assert "draws of a run, reweighted: Pareto k up to" in said
    names = {"limits.csv", "bands.csv", "weights.csv", "citations.bib"}
    assert {p.name for p in out.iterdir()} == names | {"exclusion.png", "exclusion.pdf"}
    with (out / "limits.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["mass_mev"]) for row in rows] == [1.0, 100.0]
    assert rows[0]["experiment"].startswith("conus_plus+coherent_ge_counts+lz_8b_number")
    assert typed(monkeypatch, *words) == 2  # never over other files
    assert "expected a new folder" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are copied with fork")
def test_a_command_that_is_killed_leaves_no_part_of_its_folder(folder, tmp_path):
    """Before some of its calls that change files: the same command again writes it whole."""
    found = bc.reweighted(folder, experiments="lz_8b_number")
    whole, note = tmp_path / "whole", tmp_path / "note.json"
    names = sorted(path.name for path in write(found, whole))
    most = int(done(stopped_at(lambda: write(found, tmp_path / "counted"), 0, KILL), note).value)
    place = tmp_path / "place"
    out = place / "out"
    for kill, moments in ((KILL, (2, most // 2, most - 2, most)), (signal.SIGINT, (5, most))):
        for moment in moments:
            end = done(stopped_at(lambda: write(found, out), moment, kill), note)
            assert end.how in (kill.name, STOPPED, FINISHED), end
            if not out.exists():
                write(found, out)
            assert [path.name for path in place.iterdir()] == ["out"], moment
            assert sorted(path.name for path in out.iterdir()) == names
            for name in found.tables():
                assert (out / name).read_bytes() == (whole / name).read_bytes()
            rmtree(out)


def test_a_folder_that_exists_is_taken_if_it_is_empty(folder, tmp_path):
    found = bc.reweighted(folder, experiments="lz_8b_number")
    (tmp_path / "out").mkdir()
    write(found, tmp_path / "out")
    before = sorted(path.name for path in (tmp_path / "out").iterdir())
    with pytest.raises(OutputError, match=r"cannot write to .*name a new folder"):
        write(found, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    with pytest.raises(DataError, match="tables of bayes-cevns reweight, which are not read back"):
        bc.load(tmp_path / "out")


def test_the_command_writes_nothing_that_is_refused(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "results"
    prior = "normalisation=0.7+-0.01"
    assert typed(monkeypatch, "reweight", str(folder), "--nuisance", prior, "--out", str(out)) == 3
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert typed(monkeypatch, "reweight", str(tmp_path), "--add", "lz_8b_number") == 2
    assert typed(monkeypatch, "reweight", str(folder), "--add", "x", "--out", str(out)) == 2
    assert not out.exists()
