"""Couplings by two angles in the space of proton, neutron and electron."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayes_cevns.cards import experiment
from bayes_cevns.couplings.box import EPSILON_BOUNDS, box_prior
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.named import direction, full_name, known_names, named_coupling
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.oscillation.matter_couplings import matter_terms
from bayes_cevns.specification.model_spec import ModelSpec

HALF = float(np.rad2deg(np.arctan(0.5)))
DOUBLE = float(np.rad2deg(np.arctan(2.0)))


@pytest.mark.parametrize(
    ("angles", "name", "factor"),
    [
        ((0, 0), "eps_ee_p", np.sqrt(5)),
        ((90, 0), "eps_ee_n", np.sqrt(5)),
        ((-90, 37), "eps_ee_n", -np.sqrt(5)),
        ((0, 90), "eps_ee_eV", np.sqrt(5)),
        ((0, -90), "eps_ee_eV", -np.sqrt(5)),
        ((HALF, 0), "eps_ee_u", 1.0),
        ((DOUBLE, 0), "eps_ee_d", 1.0),
    ],
)
def test_known_directions(angles: tuple[float, float], name: str, factor: float) -> None:
    expected = factor * named_coupling(name).contact
    np.testing.assert_allclose(direction("ee", *angles).contact, expected, atol=1e-15)


def test_right_angles_are_exact() -> None:
    """Electrons alone leave the quarks where they are."""
    assert not np.any(direction("ee", 0, 90).contact[:2])
    assert not np.any(direction("emu", 90, 0).contact[2:])


def test_matter_without_protons_and_electrons() -> None:
    """At phi = -45 their potentials cancel: what is left is that of neutrons."""
    model = CouplingModel.of([direction("etau", 20, -45)])
    constant, per_neutron = matter_terms(model.matter_slopes[0])
    standard = np.eye(9)[0]
    np.testing.assert_allclose(constant, standard, atol=1e-15)
    np.testing.assert_allclose(per_neutron[4], np.sqrt(5) * np.sin(np.deg2rad(20)))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("eps_ee[eta=30,phi=45]", "eps_ee[eta=30,phi=45]"),
        ("ee[eta=30,phi=45]", "eps_ee[eta=30,phi=45]"),
        ("ee[eta=030.0,phi=4.5e1]", "eps_ee[eta=30,phi=45]"),
        ("emu[eta=-0.5,phi=-0]_im", "eps_emu[eta=-0.5,phi=0]_im"),
        ("eps[eta=1,phi=2]", "eps[eta=1,phi=2]"),
    ],
)
def test_names(text: str, name: str) -> None:
    coupling = named_coupling(text)
    assert coupling.name == full_name(text) == name
    assert named_coupling(name).is_same(coupling)


def test_names_are_made_again() -> None:
    """Any angle survives being written and read."""
    rng = np.random.default_rng(1)
    for eta, phi in rng.uniform(-90, 90, (20, 2)):
        made = direction("mutau", float(eta), float(phi), imaginary=True)
        assert named_coupling(made.name).is_same(made)
        assert not made.is_diagonal


def test_short_names() -> None:
    assert known_names(["eps_ee[eta=1,phi=2]"])[1] == "ee[eta=1,phi=2]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eps_ee[eta=91,phi=0]", "expected the angle eta from -90 to 90 degrees, got 91"),
        ("eps_ee[eta=0,phi=-90.1]", "expected the angle phi from -90 to 90 degrees, got -90.1"),
        ("eps_ee[eta=nan,phi=0]", "the angle eta must be finite"),
        ("eps_ee[eta=30deg,phi=0]", "expected the angle eta in degrees, got '30deg'"),
    ],
)
def test_wrong_angles(text: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        named_coupling(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "eps_ee[eta=1]",
        "eps_ee[phi=1,eta=2]",
        "eps_ee[eta=1,phi=2]_im",
        "x_ee[eta=1,phi=2]",
        5,
        None,
    ],
)
def test_unknown_names(text: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown coupling"):
        named_coupling(text)


def test_wrong_arguments() -> None:
    with pytest.raises(UnknownNameError, match="pair of flavours 'eμ'"):
        direction("eμ", 0, 0)
    with pytest.raises(ArgumentError, match="diagonal couplings are real"):
        direction("ee", 0, 0, imaginary=True)
    with pytest.raises(ArgumentError, match="the angle eta"):
        direction("ee", "north", 0)  # type: ignore[arg-type]


def test_a_model_takes_couplings_beside_names() -> None:
    model = CouplingModel.of([direction("ee", 30, 45), "ee_u", named_coupling("mu_nu_e")])
    assert model.names == ("eps_ee[eta=30,phi=45]", "eps_ee_u", "mu_nu_e")
    with pytest.raises(ArgumentError, match="each once"):
        CouplingModel.of([direction("ee", 30, 45), "ee[eta=30,phi=45]"])


def test_a_coupling_that_is_not_what_its_name_says_is_refused() -> None:
    foreign = replace(direction("ee", 30, 45), name="eps_ee_u")
    with pytest.raises(ArgumentError, match="not the coupling of this name"):
        CouplingModel.of([foreign])


def test_all_directions_have_the_bounds_of_an_epsilon() -> None:
    model = CouplingModel.of(["eps[eta=0,phi=90]", "eps_ee[eta=0,phi=90]"])
    spec = ModelSpec.of([experiment("xenonnt_er")], couplings=model)
    assert set(box_prior(model, (), {}).bounds.values()) == {EPSILON_BOUNDS}
    assert spec.couplings is model
