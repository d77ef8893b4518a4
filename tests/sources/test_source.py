"""Sources by flavour: order, sums, selection, combination, bad input."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.sources import Line, Source, Spectrum, combine

BROAD = Spectrum("broad", np.array([1.0, 2.0, 3.0]), np.array([0.0, 4.0, 0.0]), ("A:2000aa",))
SHARP = Line("sharp", 2.5, 6.0, ("B:2000bb",))
QUERIES = np.array([[0.5, 1.5], [2.2, 2.9]])


@pytest.fixture
def beam() -> Source:
    return Source("beam", {"anti_nu_mu": (BROAD,), "nu_mu": (SHARP, BROAD)}, ("C:2000cc",))


def test_flavours_are_in_their_order(beam):
    assert FLAVOURS == ("nu_e", "nu_mu", "nu_tau", "anti_nu_e", "anti_nu_mu", "anti_nu_tau")
    assert beam.flavours == ("nu_mu", "anti_nu_mu")
    assert beam.by_flavour() == {"nu_mu": 10.0, "anti_nu_mu": 4.0}
    assert beam.total_per_cm2_s == 14.0
    assert beam.cite == ("C:2000cc", "B:2000bb", "A:2000aa")


def test_moments_are_those_of_the_fluxes(beam):
    moments = beam.inverse_moments(QUERIES)
    assert moments.shape == (6, 3, 2, 2)
    expected = np.zeros_like(moments)
    expected[1] = SHARP.inverse_moments(QUERIES) + BROAD.inverse_moments(QUERIES)
    expected[4] = BROAD.inverse_moments(QUERIES)
    np.testing.assert_array_equal(moments, expected)
    assert beam.inverse_moments(1.0).shape == (6, 3)
    assert beam.inverse_moments(np.ones((0,))).shape == (6, 3, 0)


def test_scaling(beam):
    np.testing.assert_allclose(
        beam.scaled(3.0).inverse_moments(QUERIES), 3 * beam.inverse_moments(QUERIES), rtol=1e-13
    )
    to = beam.scaled_to(7.0)
    assert to.by_flavour() == {"nu_mu": 5.0, "anti_nu_mu": 2.0}
    assert (to.name, to.cite) == (beam.name, beam.cite)


def test_selection(beam):
    only = beam.select("nu_e", "anti_nu_mu")
    assert only.by_flavour() == {"anti_nu_mu": 4.0}
    with pytest.raises(UnknownNameError, match=r"unknown neutrino flavour 'nu_x'.*anti_nu_tau"):
        beam.select("nu_x")
    with pytest.raises(ArgumentError, match="no nu_e or nu_tau: select from nu_mu, anti_nu_mu"):
        beam.select("nu_e", "nu_tau")
    with pytest.raises(ArgumentError, match="no selected flavour"):
        beam.select()


def test_selected_flavours_combine_to_the_whole(beam):
    both = combine("both", beam.select("anti_nu_mu"), beam.select("nu_mu"))
    assert both.name == "both"
    np.testing.assert_array_equal(both.inverse_moments(QUERIES), beam.inverse_moments(QUERIES))
    assert set(both.cite) == set(beam.cite)


def test_combined_fluxes_add(beam):
    twice = combine("twice", beam, beam)
    np.testing.assert_allclose(
        twice.inverse_moments(QUERIES), 2 * beam.inverse_moments(QUERIES), rtol=1e-14
    )
    with pytest.raises(ArgumentError, match="source 'none': expected one or more sources"):
        combine("none")


def test_later_changes_of_the_mapping_do_not_matter():
    fluxes = {"nu_e": (BROAD,)}
    made = Source("made", fluxes)
    fluxes["nu_mu"] = (BROAD,)
    assert made.flavours == ("nu_e",)


@pytest.mark.parametrize(
    ("fluxes", "error", "message"),
    [
        ({"nu_q": (BROAD,)}, UnknownNameError, "unknown neutrino flavour 'nu_q'"),
        ({"nu_e": BROAD}, ArgumentError, "expected a tuple of fluxes for nu_e, got Spectrum"),
        ({"nu_e": (3.0,)}, ArgumentError, "a Spectrum or a Line for nu_e, got float"),
        ({"nu_e": ()}, ArgumentError, "no flux of any flavour"),
        ({}, ArgumentError, "no flux of any flavour"),
    ],
)
def test_bad_fluxes(fluxes, error, message):
    with pytest.raises(error, match=message):
        Source("beam", fluxes)


def test_bad_numbers(beam):
    with pytest.raises(ArgumentError, match="finite and > 0 MeV"):
        beam.inverse_moments([1.0, -1.0])
    with pytest.raises(ArgumentError, match="finite and >= 0"):
        beam.scaled(-1.0)
    with pytest.raises(ArgumentError, match="finite and >= 0"):
        beam.scaled_to(np.nan)
    with pytest.raises(ArgumentError, match="'beam' has no flux to scale"):
        beam.scaled(0.0).scaled_to(1.0)
