"""What is assumed of nuclei, weak charges and atoms is one object, checked by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError, BayesCevnsError, UnknownNameError
from bayes_cevns.physics.theory import PARAMETERS, STANDARD_THEORY, Parameter, Theory
from bayes_cevns.studies.identity import spec_request


def test_a_nominal_value_is_no_choice() -> None:
    assert Theory(parameters={"neutron_radius_scale": 1.0}) == Theory() == STANDARD_THEORY
    moved = Theory().at({"neutron_radius_scale": 1.1})
    assert moved["neutron_radius_scale"] == 1.1
    assert moved.at({"neutron_radius_scale": 1.0}) == Theory()
    assert hash(moved) != hash(Theory())
    assert moved.text.endswith("radius scale 1.1")


@pytest.mark.parametrize(
    ("words", "error", "text"),
    [
        ({"form_factor": "helmet"}, UnknownNameError, "did you mean 'helm'"),
        ({"atoms": "bound"}, UnknownNameError, "unknown response of atoms 'bound'"),
        ({"atoms": None}, UnknownNameError, "unknown response of atoms None"),
        (
            {"parameters": {"radius_scale": 1.0}},
            UnknownNameError,
            "did you mean 'neutron_radius_scale'",
        ),
        (
            {"parameters": {"neutron_radius_scale": 0.0}},
            ArgumentError,
            "must be finite and > 0, got 0",
        ),
        ({"parameters": {"neutron_radius_scale": "1"}}, ArgumentError, "must be a real number"),
        ({"parameters": 1.1}, ArgumentError, "expected values by parameter"),
    ],
)
def test_what_is_unknown_is_named(words: Any, error: type[BayesCevnsError], text: str) -> None:
    with pytest.raises(error, match=text):
        Theory(**words)


def test_rates_depend_on_what_goes_with_their_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of a cached table has what decides it, and nothing else."""
    monkeypatch.setitem(PARAMETERS, "both", Parameter("a number", 0.5, ("nucleus", "electron")))

    def digests(**words: Any) -> list[str]:
        given: Any = {"source": bc.source("solar_8b"), "target": bc.target("Xe")}
        theory = Theory(**words)
        rates = (bc.rate(channel, source="solar_8b", target="Xe") for channel in CHANNELS)
        return [replace(rate, theory=theory, **given).digest() for rate in rates]

    nominal = digests()
    expected = {
        "helm": ({"form_factor": "helm"}, [True, True, False]),
        "radius": ({"parameters": {"neutron_radius_scale": 1.1}}, [True, True, False]),
        "free": ({"atoms": "free"}, [False, False, True]),
        "both": ({"parameters": {"both": 0.6}}, [True, True, True]),
    }
    for words, changes in expected.values():
        found = [one != other for one, other in zip(digests(**words), nominal, strict=True)]
        assert found == changes


CHANNELS = ("cevns", "migdal", "electron")


def test_it_is_part_of_the_identity_of_a_run() -> None:
    def request(theory: Theory) -> dict[str, Any]:
        return spec_request(bc.ModelSpec.of([bc.experiment("conus_plus")], theory=theory))

    assert request(Theory())["atoms"] == Theory().atoms
    assert "parameters" not in request(Theory())
    assert request(Theory(atoms="free"))["atoms"] == "free"
    assert request(Theory("helm"))["form_factor"] == "helm"
    larger = Theory(parameters={"neutron_radius_scale": 1.1})
    assert request(larger)["parameters"] == {"neutron_radius_scale": 1.1}
