"""Published limits: what they are, and that they are converted exactly or not at all."""

from __future__ import annotations

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics import constants as const
from bayes_cevns.published.models import MODELS


def at(name: str, mass_mev: float) -> float:
    limit = bc.published_limit(name)
    (place,) = np.flatnonzero(np.isclose(limit.mass_mev, mass_mev, rtol=1e-6))
    return float(limit.lower[place])


def test_numbers_of_the_sources() -> None:
    """The first rows of the files of DarkCast (data/published_limits/REFERENCE, check values)."""
    assert at("hidden-photon.na64_2019", 1.0) == 7.544e-6
    assert at("b-l.na64_2019", 1.0) == 2.273e-6
    assert at("l_mu-l_tau.na64_2019", 1.0) == 5.201e-4
    assert at("b-l.borexino_2018", 0.22756) == 1.745e-6
    assert at("b-l.muon_moment", 1.0) == at("l_mu-l_tau.muon_moment", 1.0) == 7.317e-4


def test_l_mu_l_tau_has_the_loop_that_our_interaction_has() -> None:
    """NA64 sees the electron: the charge -1 of B-L, alpha/(3 pi) ln(m_tau^2/m_mu^2) of the loop."""
    loop = (
        const.FINE_STRUCTURE / (3 * np.pi) * np.log((const.TAU_MASS_MEV / const.MUON_MASS_MEV) ** 2)
    )
    ratio = at("b-l.na64_2019", 1.0) / at("l_mu-l_tau.na64_2019", 1.0)
    assert ratio == pytest.approx(loop, rel=5e-4)


def test_a_dark_photon_on_electrons_has_the_charge_eps_e() -> None:
    """The moment of the electron: g_BL = eps e, with e = 0.30282."""
    e = np.sqrt(4 * np.pi * const.FINE_STRUCTURE)
    found = at("b-l.electron_moment_rb", 1.0) / at("hidden-photon.electron_moment_rb", 1.0)
    assert found == pytest.approx(e, rel=1e-3)


@pytest.mark.parametrize("limit", bc.published_limits(), ids=lambda limit: limit.name)
def test_every_limit_is_whole(limit: bc.PublishedLimit) -> None:
    assert limit.name == f"{limit.model}.{limit.name.partition('.')[2]}"
    assert limit.arxiv or limit.doi or limit.key
    assert limit.licence in {"GPL-2.0-or-later", "MIT"}
    assert limit.published_for in MODELS
    gaps = np.isnan(limit.mass_mev)
    for values in (limit.lower, limit.upper):
        np.testing.assert_array_equal(np.isnan(values), gaps)
    mass, lower, upper = (x[~gaps] for x in (limit.mass_mev, limit.lower, limit.upper))
    assert mass.size > 1
    assert mass.min() > 0
    assert np.all(np.diff(mass) > 0)
    assert np.all((lower > 0) & (lower <= 1) & (lower <= upper))


def test_the_same_model_keeps_its_numbers() -> None:
    limit = bc.published_limit("b-l.na64_2019")
    quoted = limit.quoted_for("b-l")
    np.testing.assert_array_equal(quoted.lower, limit.lower)
    assert (quoted.symbol, quoted.side) == ("g_BL", "upper")


def test_electron_scattering_is_converted_by_the_charges() -> None:
    """B-L has (-1)(-1) g^2 on electrons: x of a universal vector is g^2, positive.

    With charges 2 of the electron and 3 of neutrinos, x is g^2 / 6.
    """
    limit = bc.published_limit("b-l.borexino_2018")
    universal = limit.quoted_for("vector-universal")
    assert (universal.side, universal.symbol) == ("positive", "sqrt(|g_nu g_f|)")
    np.testing.assert_array_equal(universal.lower, limit.lower)
    six = limit.quoted_for(bc.interaction("vector", charges={"e": 2, "nu": 3}))
    np.testing.assert_allclose(six.lower, limit.lower / np.sqrt(6.0), rtol=1e-14)
    opposite = bc.interaction("vector", charges={"e": -1, "nu": 1, "q": 1})
    with pytest.raises(ArgumentError, match="there is no exact conversion"):
        limit.quoted_for(opposite)


@pytest.mark.parametrize(
    ("name", "wanted", "said"),
    [
        ("hidden-photon.na64_2019", "b-l", "none of neutrinos"),
        ("hidden-photon.na64_2019", "dark-photon", "none of neutrinos"),
        ("b-boson.cms_2019", "baryonic", "neutrinos have no charge"),
        ("scalar-nucleon.white_dwarfs_2023", "scalar-universal", "nucleons alone"),
        ("b-l.na64_2019", "vector-universal", "g_BL"),
        ("b-l.borexino_2018", "b-3l_e", "g_BL"),
        ("b-l.borexino_2018", "l_e-l_mu", "g_BL"),
        ("b-l.borexino_2018", "baryonic", "g_BL"),
        ("b-l.borexino_2018", "scalar-universal", "g_BL"),
        ("l_mu-l_tau.borexino_2018", "vector-universal", "g_mutau"),
    ],
)
def test_what_is_not_exact_is_refused_with_both_conventions(
    name: str, wanted: str, said: str
) -> None:
    with pytest.raises(ArgumentError, match="there is no exact conversion") as caught:
        bc.published_limit(name).quoted_for(wanted)
    text = str(caught.value)
    assert said in text
    assert bc.interaction(wanted).coupling.symbol in text


def test_mixing_added_by_a_user_is_another_model() -> None:
    mixed = bc.interaction("l_mu-l_tau", charges={"mixing": 0.01})
    with pytest.raises(ArgumentError, match="there is no exact conversion"):
        bc.published_limit("l_mu-l_tau.na64_2019").quoted_for(mixed)


def test_lists_by_interaction() -> None:
    assert len(bc.published_limits()) > 100
    own = bc.published_limits("b-l")
    assert {limit.symbol for limit in own} == {"g_BL"}
    assert "b-l.na64_2019" in {limit.name for limit in own}
    assert bc.published_limits("scalar-universal") == []


def test_an_unknown_name_is_refused_with_one_like_it() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'b-l\.na64_2019'"):
        bc.published_limit("b-l.na64_201")
