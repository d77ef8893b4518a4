"""The likelihood of pyhf is that of the model, and what pyhf cannot do is refused by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError
from bayes_cevns.exports.extras import quiet
from bayes_cevns.exports.pyhf_workspace import LUMI, MU, Workspace, check, workspace
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.specification.model_spec import ModelSpec

SCALAR: dict[str, Any] = {"interaction": "scalar-universal"}
POINTS = 25


def _spec(names: list[str], **asked: Any) -> ModelSpec:
    experiments = [bc.experiment(name) for name in names]
    return ModelSpec.of([bc.asimov(e) if e.data == "none" else e for e in experiments], **asked)


def _own(found: Workspace, values: Mapping[str, float], likelihood: Likelihood) -> np.ndarray:
    """Return the point of our likelihood for parameters of pyhf."""
    own = {}
    for name, value in values.items():
        if name == MU:
            assert found.product_squared is not None
            assert likelihood.prior is not None
            x = np.sqrt(value * found.product_squared)
            own["coupling_product"] = float(likelihood.prior.coordinate(x))
        else:
            nuisance, mean, sd = found.parameters[name]
            own[nuisance] = mean + sd * value
    return np.array([own[p.name] for p in likelihood.parameters])


@pytest.mark.parametrize(
    ("names", "mass", "asked"),
    [
        (["xenonnt_2024_s2"], 10.0, SCALAR),
        (["xenonnt_2024"], 0.3, SCALAR),
        (["xenonnt_2024_s2", "lz_8b"], 10.0, SCALAR),
        (["xlzd"], 50.0, SCALAR),
        (["xenonnt_2024_s2"], None, {}),
        (["xenonnt_2024_s2"], None, {"interaction": "magnetic-moment"}),
        (["xenonnt_2024_s2"], 10.0, {**SCALAR, "nuisance_priors": {"flux_8b": "flat"}}),
    ],
)
def test_the_likelihood_is_the_same(
    names: list[str], mass: float | None, asked: dict[str, Any]
) -> None:
    import pyhf

    spec = _spec(names, **asked)
    found, likelihood = workspace(spec, mass), Likelihood(spec, mass)
    document = json.loads(json.dumps(found.document))
    with quiet():
        check(document)
        model = pyhf.Workspace(document).model()
        data = pyhf.Workspace(document).data(model)
    random = np.random.default_rng(3)
    differences, values = [], []
    for _ in range(POINTS):
        ends = {
            name: (max(low, -2.5), min(high, 40.0 if name == MU else 2.5))
            for name, (low, high) in zip(
                model.config.par_names, model.config.suggested_bounds(), strict=True
            )
        }
        point = {name: random.uniform(*each) for name, each in ends.items()}
        theirs = -float(np.asarray(model.logpdf(list(point.values()), data)).item())
        ours = likelihood(_own(found, point, likelihood))[0]
        differences.append(theirs - ours)
        values.append(ours)
    assert np.ptp(values) > 1.0, "the points differ"
    assert np.ptp(differences) < 1e-6  # priors are normalised between their bounds: a constant


@pytest.mark.parametrize(
    "names", [["xenonnt_2024_s2"], ["xenonnt_2024_s2", "lz_8b"], ["xenonnt_2024", "xlzd"]]
)
def test_nothing_in_a_workspace_is_what_pyhf_takes_otherwise(names: list[str]) -> None:
    """It lets a name replace an earlier one, and bends the systematics that are called normsys.

    An error of a template is dropped where the template is zero (staterror), and a product of
    several lumi is one parameter.
    """
    document = workspace(_spec(names, **SCALAR), 10.0).document
    channels = document["channels"]
    assert len({channel["name"] for channel in channels}) == len(channels)
    for channel in channels:
        samples = channel["samples"]
        assert len({sample["name"] for sample in samples}) == len(samples)
        for sample in samples:
            modifiers = [(m["name"], m["type"]) for m in sample["modifiers"]]
            assert len(set(modifiers)) == len(modifiers)
            assert {kind for _, kind in modifiers} <= {"normfactor", "histosys", LUMI}
            assert min(sample["data"]) >= 0.0
    (measurement,) = document["measurements"]
    settings = [setting["name"] for setting in measurement["config"]["parameters"]]
    asked = {m["name"] for c in channels for s in c["samples"] for m in s["modifiers"]}
    assert sorted(settings) == sorted(asked), "one of a parameter that does not exist is ignored"


def test_scales_that_multiply() -> None:
    found = workspace(_spec(["xenonnt_2024_s2", "lz_8b"], **SCALAR), 10.0)
    assert found.parameters[LUMI][0] == "flux_8b"
    kinds = {
        (m["name"], m["type"])
        for channel in found.document["channels"]
        for sample in channel["samples"]
        for m in sample["modifiers"]
    }
    assert (LUMI, LUMI) in kinds
    assert ("xenonnt_2024_s2.signal_efficiency", "histosys") in kinds
    assert (MU, "normfactor") in kinds


@pytest.mark.parametrize(
    ("names", "asked", "said"),
    [
        (["xenonnt_cevns"], SCALAR, r"shape axes of xenonnt_cevns, cevns \(tly, tqy\)"),
        (["xenonnt_2024_s2"], {"interaction": "b-l"}, "interference of b-l"),
        (["conus_plus"], SCALAR, r"likelihood of conus_plus \(normal\)"),
        (
            ["xenonnt_2024_s2"],
            {**SCALAR, "nuisance_priors": {"flux_8b": "1.0+0.2-0.1"}},
            "prior of flux_8b",
        ),
        (
            ["xenonnt_2024_s2"],
            {**SCALAR, "nuisance_priors": {"flux_8b": "lognormal:1.0:0.1"}},
            "neither normal nor uniform",
        ),
        (["xenonnt_er"], {"interaction": "magnetic-moment"}, "shape axes of xenonnt_er"),
    ],
)
def test_what_pyhf_cannot_do(names: list[str], asked: dict[str, Any], said: str) -> None:
    spec = _spec(names, **asked)
    mass = 10.0 if spec.interaction is not None and spec.interaction.has_mass else None
    with pytest.raises(ArgumentError, match=said) as refused:
        workspace(spec, mass)
    assert "\n" not in str(refused.value)
    assert "bc.build_model" in str(refused.value)


def test_negative_templates_are_refused() -> None:
    one = bc.experiment("xenonnt_2024_s2")
    first, *others = one.backgrounds
    wrong = replace(one, backgrounds=(replace(first, values=-first.values), *others))
    with pytest.raises(ArgumentError, match="negative template of xenonnt_2024_s2, ac"):
        workspace(ModelSpec.of([wrong], **SCALAR), 10.0)


def test_several_couplings_are_refused() -> None:
    couplings = bc.CouplingModel.of(["eps_ee_u"])
    spec = ModelSpec.of([bc.experiment("conus_plus")], couplings=couplings)
    with pytest.raises(ArgumentError, match="several couplings by name"):
        workspace(spec, None)
