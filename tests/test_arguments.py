"""Every argument of every public function, with values of the wrong kind.

Each call either raises a named error of one short line, before anything is sampled or compiled, or
passes all checks with a value that means something. What would take time is replaced by
`Accepted`, which shows that the checks were passed.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import bayes_cevns as bc
from bayes_cevns.errors import BayesCevnsError
from bayes_cevns.inference import engine, joint_likelihood
from bayes_cevns.inference.profile import likelihood
from bayes_cevns.progress import file as progress_file
from bayes_cevns.reports import rerun
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies import engines, load, merge
from bayes_cevns.studies.comparison import compare as comparison
from bayes_cevns.studies.sensitivity import sensitivity as expected
from bayes_cevns.studies.study import Result, Study
from bayes_cevns.summary.fit import Fit


class Accepted(BaseException):
    """Raised where the work would begin."""


def _accept(*_: object, **__: object) -> Any:
    raise Accepted


WHERE_WORK_BEGINS = (
    (engine, "data_at"),
    (engines, "engine_for"),
    (likelihood, "joint"),
    (joint_likelihood, "joint"),
    (merge, "read_run"),
    (comparison, "read_run"),
    (load, "read_run"),
    (progress_file, "file_text"),
    (rerun, "read_run"),
)

#: What nobody makes but the package itself.
RESULTS = {
    name
    for name in bc.__all__
    if isinstance(kind := getattr(bc, name), type) and issubclass(kind, Result | Fit | Study)
} | {
    *("ProfileResult", "Grid", "PublishedLimit", "JointLikelihood"),
    *("MeasuredAngle", "MeasuredRadius"),
}
SWEPT = sorted(set(bc.__all__) - RESULTS)

#: A value of every kind that somebody may pass by mistake.
WRONG: dict[str, Any] = {
    "None": None,
    "empty": "",
    "word": "x",
    "number as word": "0.9",
    "bytes": b"x",
    "fraction": 1.5,
    "zero": 0,
    "minus one": -1,
    "nan": float("nan"),
    "inf": float("inf"),
    "huge": 10**400,
    "large": 10**12,
    "complex": 1j,
    "True": True,
    "date": date(2024, 1, 1),
    "timestamp": pd.Timestamp("2024-01-01"),
    "series": pd.Series([1.0, 2.0]),
    "decimal": Decimal("nan"),
    "numpy date": np.datetime64("2024-01-01"),
    "empty list": [],
    "list": ["x"],
    "mixed list": ["b-l", 5],
    "empty dict": {},
    "dict": {"x": "x"},
    "set": {"x"},
    "array": np.array([1.0, 2.0]),
    "large array": np.zeros(10_000),
    "data array": xr.DataArray([1.0, 2.0]),
    "object": object(),
    "class": int,
    "function": len,
    "file": Path(__file__),
    "NUL": "a\0b",
}

#: Of a message: a list of names has 500 characters at most.
LONGEST = 660

_NUMBERS = {"fraction", "nan", "inf", "zero", "minus one", "large"}

#: Kind of argument -> labels of `WRONG` that may be accepted, or mean something to some function.
MAY_PASS = {
    "number": {"fraction", "large"},
    "any number": {"fraction", "zero", "minus one"},
    "numbers": {"fraction", "large", "array", "data array", "series"},
    "levels": set(),
    "count": {"zero", "large"},
    "seed": {"zero"},
    "name": set(),
    "names": set(),
    "some names": {"empty list"},
    "flag": {"True"},
    "folder": {"word", "number as word"},
    "mapping": {"empty dict"},
    "function": {"class", "function"},
    "shown": {"True", "class", "function"},
    "object": set(),
    "optional list": {"empty list"},
    "style": {"empty dict", "empty list"},
}

#: Further ones of a single function.
ALSO = {
    ("ModelSpec", "interaction"): {"None"},
    ("ModelSpec", "bounds"): {"None"},
    ("Theory", "parameters"): {"None"},
    ("compare", "runs"): {"list"},
    ("load", "path"): {"file"},
    ("read_progress", "folder"): {"file"},
    **{(name, "folder"): {"file"} for name in ("report", "export", "describe", "rerun")},
    ("report", "out"): {"file"},
    ("report", "profile"): {"word", "number as word", "file"},
    ("reweighted", "run"): {"word", "number as word", "file"},
    ("reweighted", "experiments"): {"empty list"},
    ("reweighted", "level"): {"None"},
    ("reweighted", "nuisance_priors"): {"dict"},  # the nuisances are those of the run
    ("plot", "result"): {"word", "number as word", "file"},
    ("sample_couplings", "propagation"): {"empty dict"},
    ("calibrate_couplings", "propagation"): {"empty dict"},
    ("coverage_couplings", "propagation"): {"empty dict"},
    **{(name, "settings"): {"empty dict"} for name in bc.__all__},
}

PARAMETERS = {
    "mass_mev": "number",
    "masses_mev": "numbers",
    "low_mev": "number",
    "high_mev": "number",
    "max_coupling": "number",
    "coupling_product": "any number",
    "critical_value": "number",
    "reach": "number",
    "exposure": "number",
    "threshold_kev": "number",
    "precision": "number",
    "level": "number",
    "levels": "levels",
    **dict.fromkeys(("toys", "fits", "number", "energy_nodes"), "count"),
    "seed": "seed",
    **dict.fromkeys(
        (
            "interaction",
            "prior",
            "detection",
            "solar",
            "toy_nuisances",
            "calibrate",
        ),
        "name",
    ),
    **dict.fromkeys(("channel", "source", "target", "name", "one", "two"), "name"),
    **dict.fromkeys(("parameter", "convention", "given"), "name"),
    **dict.fromkeys(("form_factor", "weak_charges", "atoms"), "name"),
    "width_in": "number",
    **dict.fromkeys(("ax", "results", "measured", "spectra_of", "energies_kev"), "object"),
    **dict.fromkeys(("observable", "title", "subtitle"), "name"),
    "benchmarks": "mapping",
    "labels": "some names",
    "published": "some names",
    "style": "style",
    "interactions": "some names",
    "shells": "some names",
    "keys": "some names",
    **dict.fromkeys(
        (
            "allow_overlap",
            "allow_conflict",
            "free",
            "one_at_a_time",
            "matter",
            "judged",
            "monitored",
            "merged",
            "yes",
            "cross_check",
            "mixed",
            "preview",
        ),
        "flag",
    ),
    "out": "folder",
    **dict.fromkeys(("nuisance_priors", "bounds", "truths", "couplings"), "mapping"),
    **dict.fromkeys(("on_fit", "on_point", "on_model", "on_compile", "on_study"), "function"),
    "progress": "shown",
    "workers": "count",
    **dict.fromkeys(("executor", "where", "folders", "shard"), "object"),
    "asked": "object",
    "folder": "folder",
    **dict.fromkeys(
        ("experiment", "experiments", "generated_by", "settings", "spec", "mixing", "quenching"),
        "object",
    ),
    **dict.fromkeys(("fit", "scan", "profile", "result", "study", "compared"), "object"),
    **dict.fromkeys(("sensitivity", "runs", "run"), "object"),
    "path": "folder",
    "formats": "some names",
    "licence": "name",
    "latex": "flag",
    "pairs": "some names",
    # of SamplerSettings and ModelSpec
    **dict.fromkeys(("draws", "tune", "chains", "cores", "retries"), "count"),
    "target_accept": "number",
    "gate": "object",
    # of Propagation
    **dict.fromkeys(("component", "earth", "model", "flavours"), "name"),
    "parameters": "object",
    "theory": "object",
    "charges": "mapping",
    "latitude_deg": "any number",
    "propagation": "object",
    "octant": "name",
    # of Prior
    "density": "object",
    "lower": "any number",
    "upper": "number",
}

#: Of some functions a parameter is of another kind.
OWN = {
    ("CouplingModel", "couplings"): "object",
    ("ModelSpec", "couplings"): "object",
    ("build_model", "couplings"): "object",
    ("likelihood", "couplings"): "object",
    ("sample_couplings", "couplings"): "names",
    ("sample_couplings", "mixing"): "name",
    ("calibrate_couplings", "couplings"): "names",
    ("calibrate_couplings", "mixing"): "name",
    ("coverage_couplings", "couplings"): "names",
    ("coverage_couplings", "mixing"): "name",
    ("coverage_couplings", "truths"): "object",  # of truths that are named there is one at least
    ("CouplingModel", "mixing"): "name",
    ("Engine", "free"): "count",
    ("Theory", "parameters"): "mapping",
}

EXPERIMENT = "xenonnt_cevns"
ANALYSIS = Path(__file__).parents[1] / "docs" / "analysis.toml"


def _right() -> dict[str, dict[str, Any]]:
    """Return arguments with which each function would begin its work."""
    one = bc.experiment(EXPERIMENT)
    single = {"experiments": [one], "interaction": "b-l", "mass_mev": 10.0}
    masses = {"experiments": [one], "interaction": "b-l", "masses_mev": [10.0, 100.0]}
    spec = ModelSpec.of([one], interaction="b-l")
    fit = Fit(None, xr.Dataset(), xr.Dataset(), xr.Dataset())
    figure = dict.fromkeys(("scan", "profile", "result", "study", "compared", "sensitivity"), 5)
    figure |= {"results": [5]}
    figure |= dict.fromkeys(("fit", "measured", "spectra_of", "energies_kev"), 5)
    figure |= {"experiment": 5, "target": 5}
    figure |= {"one": "eps_ee_u", "two": "eps_ee_d"}
    return {
        "Engine": {"spec": spec},
        "CouplingModel": {"couplings": bc.CouplingModel.of(["x_ee_u"], mass_mev=1.0).couplings}
        | {"mass_mev": 10.0},
        "ModelSpec": {"experiments": (one,), "interaction": None},
        "Prior": {"density": bc.Prior.normal(1.0, 0.05).density},
        "Propagation": {},
        "SamplerSettings": {},
        "Theory": {},
        "asimov": {"experiment": one},
        "bands": {"fit": fit, "level": 0.9},
        "bibtex": {"keys": ["XENON:2024hup"]},
        "build_model": single,
        "calibrate": single,
        "calibrate_couplings": {"experiments": [one], "couplings": ["ee_u"]},
        "citations": {"spec": spec},
        "compare": {"runs": ["some/run"]},
        "compare_models": {"experiments": [one], "interactions": ["b-l"], "mass_mev": 10.0},
        "coverage": single,
        "coverage_couplings": {"experiments": [one], "couplings": ["ee_u"]},
        "expected_counts": {"experiment": one, "couplings": {"ee_u": 0.1}},
        "experiment": {"name": EXPERIMENT},
        "experiment_names": {},
        "experiments": {},
        "grid": {"asked": ANALYSIS, "out": "x"},
        "interaction": {"name": "b-l"},
        "interactions": {},
        "likelihood": single,
        "limits": {"fit": fit, "level": 0.9},
        "load": {"path": "some/run"},
        "plot": {"result": "some/run"},
        "read_analysis": {"path": ANALYSIS},
        "read_plan": {"path": ANALYSIS},
        "read_progress": {"folder": "some/run"},
        "reweighted": {"run": "some/run"},
        "run": {"study": bc.read_analysis(ANALYSIS)},
        "log_masses": {"low_mev": 1.0, "high_mev": 10.0, "number": 3},
        "nsi_in_convention": {"couplings": {"eps_emu_u": 0.1}, "convention": "phase-12"},
        "executor": {"where": None},
        "merge": {"folders": ["some/run"], "out": "x"},
        "preview": masses,
        "prior_sensitivity": single,
        "profile": single,
        "profile_scan": masses,
        "published_limit": {"name": "b-l.na64_2019"},
        "published_limits": {},
        "rate": {"channel": "cevns", "source": "solar_8b", "target": "Xe"},
        "sample": single,
        "describe": {"folder": "some/run", "latex": True},
        "export": {"folder": "some/run", "formats": ["csv"], "out": "x", "licence": "CC0"},
        "report": {"folder": "some/run", "out": "x", "profile": "another/run"},
        "rerun": {"folder": "some/run", "out": "x"},
        "run_shard": {"study": bc.read_analysis(ANALYSIS), "shard": "1/1", "out": "x"},
        "sample_model": {"model": bc.build_model([one])},
        "sample_couplings": {"experiments": [one], "couplings": ["ee_u"]},
        "scaled": {"experiment": one, "exposure": 2.0},
        "scan": masses,
        "sensitivity": masses,
        "cite": {"name": "b-l"},
        "show": {"name": "b-l"},
        "source": {"name": "solar_8b"},
        "target": {"name": "Xe"},
        "toy": {"experiment": one, "seed": 1},
        "with_threshold": {"experiment": bc.experiment("lz_er"), "threshold_kev": 2.0},
        **{
            name: {k: v for k, v in figure.items() if k in inspect.signature(f).parameters}
            for name in bc.__all__
            if name.endswith("_figure") and (f := getattr(bc, name))
        },
    }


def _calls() -> list[Any]:
    return [
        (name, parameter)
        for name in SWEPT
        for parameter in inspect.signature(getattr(bc, name)).parameters
    ]


@pytest.fixture(scope="module")
def right() -> dict[str, dict[str, Any]]:
    return _right()


@pytest.fixture
def _no_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Replace work by `Accepted`, in an empty folder."""
    for module, name in WHERE_WORK_BEGINS:
        monkeypatch.setattr(module, name, _accept)
    monkeypatch.setattr("bayes_cevns.model.assemble", _accept)
    monkeypatch.setattr("bayes_cevns.density.data.data_at", _accept)
    monkeypatch.setattr("bayes_cevns.inference.graph_target.GraphTarget", _accept)
    monkeypatch.setattr("bayes_cevns.specification.model_spec.coupling_tables", _accept)
    monkeypatch.setattr("bayes_cevns.specification.expected_counts.coupling_tables", _accept)
    monkeypatch.setattr("bayes_cevns.specification.expected_counts.RateTable", _accept)
    monkeypatch.setattr(expected, "asimov", lambda experiment, **_: experiment)
    monkeypatch.chdir(tmp_path)


def outcome(function: Callable[..., object], arguments: dict[str, Any]) -> str:
    """Return ``"accepted"``, ``"named"`` or what is wrong with how a call ended."""
    try:
        function(**arguments)
    except Accepted:
        return "accepted"
    except BayesCevnsError as error:
        if any(Path.cwd().iterdir()):
            return "wrote something"
        text = str(error)
        return "named" if len(text) <= LONGEST and "\n" not in text else f"{len(text)} characters"
    except BaseException as error:  # what a user would see as a traceback
        return f"{type(error).__name__}: {str(error)[:80]}"
    return "accepted"


def test_the_sweep_knows_every_argument(right: dict[str, dict[str, Any]]) -> None:
    assert set(right) == set(SWEPT)
    assert {parameter for _, parameter in _calls()} <= set(PARAMETERS)


@pytest.mark.filterwarnings("ignore::bayes_cevns.errors.GraphWarning")
@pytest.mark.usefixtures("_no_work")
@pytest.mark.parametrize("name", SWEPT)
def test_the_right_arguments_are_accepted(right: dict[str, dict[str, Any]], name: str) -> None:
    if name.endswith("_figure"):
        pytest.skip("needs results")
    if name in ("bands", "limits"):
        pytest.skip("needs a fit with a coupling")
    if name == "merge":
        pytest.skip("needs folders of shards")
    assert outcome(getattr(bc, name), right[name]) == "accepted"


@pytest.mark.filterwarnings("ignore::bayes_cevns.errors.GraphWarning")
@pytest.mark.usefixtures("_no_work")
@pytest.mark.parametrize(("name", "parameter"), _calls())
def test_wrong_arguments_are_named(
    right: dict[str, dict[str, Any]], name: str, parameter: str
) -> None:
    function = getattr(bc, name)
    kind = OWN.get((name, parameter), PARAMETERS[parameter])
    allowed = MAY_PASS[kind] | ALSO.get((name, parameter), set())
    if inspect.signature(function).parameters[parameter].default is None:
        allowed = allowed | {"None"}
    failed = {}
    for label, value in WRONG.items():
        found = outcome(function, right[name] | {parameter: value})
        if found != "named" and not (found == "accepted" and label in allowed):
            failed[label] = found
        shutil.rmtree("x", ignore_errors=True)
        shutil.rmtree("0.9", ignore_errors=True)
    assert not failed
