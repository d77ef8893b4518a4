"""What each interaction is made of: charges, powers of x, shapes, errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.form_factors import helm, point_like
from bayes_cevns.physics.interactions import (
    COMPONENTS,
    INTERACTIONS,
    ScalarMediator,
    check_masses,
    interaction,
    standard_model,
)
from bayes_cevns.physics.nuclei import target

XE129, XE132 = target("Xe").isotopes[3], target("Xe").isotopes[6]
ENERGIES = np.array([1e-4, 1e-3, 3e-3])


def test_names_match_their_keys():
    assert {
        "vector-universal",
        "b-l",
        "scalar-universal",
        "scalar-universal-uds",
        "scalar-higgs-like",
    } <= set(INTERACTIONS)
    for name, entry in INTERACTIONS.items():
        assert entry.name == name
        assert interaction(name) is entry
        assert entry.title
        assert entry.formula
        assert entry.coupling
        assert entry.cite


def test_only_the_universal_vector_has_an_observable_sign():
    assert [name for name, entry in INTERACTIONS.items() if entry.signed] == ["vector-universal"]


def test_unknown_name_suggests_one():
    with pytest.raises(UnknownNameError, match="did you mean 'vector-universal'"):
        interaction("vector-univers")


@pytest.mark.parametrize("entry", INTERACTIONS.values(), ids=lambda e: e.name)
@pytest.mark.parametrize("masses", [5.0, [5.0], [1.0, 5.0], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
@pytest.mark.parametrize("energies", [1e-3, [1e-3], ENERGIES, ENERGIES.reshape(3, 1)])
def test_shapes_broadcast_masses_before_energies(entry, masses, energies):
    values = entry.components(XE132, energies, masses, helm)
    assert values.shape == (len(COMPONENTS), 3, *np.shape(masses), *np.shape(energies))
    # Every element is what a scalar call gives.
    for i in np.ndindex(np.shape(masses)):
        for j in np.ndindex(np.shape(energies)):
            one = entry.components(XE132, np.asarray(energies)[j], np.asarray(masses)[i], helm)
            np.testing.assert_allclose(values[(..., *i, *j)], one, rtol=1e-14)


@pytest.mark.parametrize("entry", INTERACTIONS.values(), ids=lambda e: e.name)
def test_the_first_component_is_the_standard_model(entry):
    values = entry.components(XE132, ENERGIES, 5.0, helm)
    np.testing.assert_array_equal(values[0], standard_model(XE132, ENERGIES, helm))


def test_b_minus_l_is_the_universal_vector_with_minus_a_third():
    """Quarks carry g/3 and neutrinos -g: 3 A x -> -A g^2."""
    universal = interaction("vector-universal").components(XE129, ENERGIES, 7.0, helm)
    b_minus_l = interaction("b-l").components(XE129, ENERGIES, 7.0, helm)
    np.testing.assert_allclose(b_minus_l[1], -universal[1] / 3, rtol=1e-14)
    np.testing.assert_allclose(b_minus_l[2], universal[2] / 9, rtol=1e-14)
    # Its interference has the sign of the Standard Model: it only ever adds.
    sm = b_minus_l[0]
    assert np.all(b_minus_l[1] * sm >= 0)
    assert np.all(universal[1] * sm <= 0)


@pytest.mark.parametrize("name", ["scalar-universal", "scalar-universal-uds", "scalar-higgs-like"])
def test_scalars_do_not_interfere_and_need_a_flip_of_helicity(name):
    values = interaction(name).components(XE132, ENERGIES, 5.0, helm)
    assert not values[1].any()
    assert not values[2, :2].any()  # only 1/E^2
    assert np.all(values[2, 2] > 0)


def test_quark_charges_of_a_vector():
    """Protons carry 2 u + d, neutrons u + 2 d: the catalogue's two have u = d and cannot tell."""
    up, down, mass = 0.9, -0.35, 12.0
    lopsided = replace(interaction("vector-universal"), up=up, down=down)
    propagator = 2 * XE132.mass_mev * 1e-3 + mass**2
    charge = (54 * (2 * up + down) + 78 * (up + 2 * down)) / (
        np.sqrt(2) * 1.1663787e-11 * propagator
    )
    weak = 54 * (0.5 - 2 * 0.23857) - 39
    sm, linear, quadratic = lopsided.components(XE132, 1e-3, mass, helm)
    np.testing.assert_allclose(linear, 2 * charge / weak * sm, rtol=1e-12)
    np.testing.assert_allclose(quadratic, (charge / weak) ** 2 * sm, rtol=1e-12)


def test_scalar_charges():
    """Q_S of 132Xe by hand: 54 protons, 78 neutrons, m_N / m_q f_q."""
    by_proton = {"u": 938.27208816 * 0.0208 / 2.16, "d": 938.27208816 * 0.0411 / 4.67}
    by_neutron = {"u": 939.56542052 * 0.0189 / 2.16, "d": 939.56542052 * 0.0451 / 4.67}
    light = 54 * sum(by_proton.values()) + 78 * sum(by_neutron.values())
    strange = (54 * 938.27208816 + 78 * 939.56542052) * 0.043 / 93.4
    sigma = 54 * 938.27208816 * (0.0208 + 0.0411 + 0.043) + 78 * 939.56542052 * (
        0.0189 + 0.0451 + 0.043
    )

    def charge(name: str) -> float:
        entry = interaction(name)
        assert isinstance(entry, ScalarMediator)
        return entry.nuclear_charge(XE132)

    assert charge("scalar-universal") == pytest.approx(light, rel=1e-12)
    assert charge("scalar-universal-uds") == pytest.approx(light + strange, rel=1e-12)
    # The quark masses drop out of the Higgs-like charge.
    assert charge("scalar-higgs-like") == pytest.approx(sigma / 246220.0, rel=1e-12)


def test_strangeness_adds_5_percent_to_the_rate():
    without = interaction("scalar-universal").terms(XE132, 1e-3, 10.0, helm)[1, 2]
    with_it = interaction("scalar-universal-uds").terms(XE132, 1e-3, 10.0, helm)[1, 2]
    assert with_it / without == pytest.approx(1.05, abs=2e-3)


def test_the_form_factor_enters_squared_everywhere():
    for entry in INTERACTIONS.values():
        ratio = entry.components(XE132, 2e-3, 5.0, helm)[[0, 2]] / np.where(
            entry.components(XE132, 2e-3, 5.0, point_like)[[0, 2]] == 0,
            np.inf,
            entry.components(XE132, 2e-3, 5.0, point_like)[[0, 2]],
        )
        squared = float(helm.proton(np.sqrt(2 * XE132.mass_mev * 2e-3), XE132)) ** 2
        np.testing.assert_allclose(ratio[ratio != 0], squared, rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, -np.inf, [1.0, -2.0], None])
def test_masses_must_be_positive_and_finite(value):
    with pytest.raises(ArgumentError, match="mediator mass must be positive and finite, in MeV"):
        check_masses(value)


def test_the_message_names_the_first_bad_mass():
    with pytest.raises(ArgumentError, match="got -2"):
        check_masses([[1.0, -2.0], [0.0, 4.0]])


def test_masses_become_floats():
    for value in (1, [1, 2], np.array([3], dtype=np.uint8), np.float32(2.0)):
        assert check_masses(value).dtype == np.float64
    assert check_masses([]).shape == (0,)
