"""Every source by name: moments against a slow twin, citations, and errors."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest

from bayes_cevns.errors import DataError, UnknownNameError
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.sources import SOURCES, Line, Source, source, table
from bayes_cevns.sources.catalogue import SOURCE_TEXTS
from bayes_cevns.specification.references import bibtex

NAMES = [
    *(f"solar_{each}" for each in ("8b", "8b_winter2006", "pp", "pep", "7be", "hep")),
    *(
        "solar_13n",
        "solar_15o",
        "solar_17f",
        "solar_cno",
        "solar_atmospheric_dsnb",
        "solar",
        "atmospheric",
        "atmospheric_kamioka",
    ),
    *("dsnb", "pion_decay_at_rest", "reactor"),
    *("reactor_angra", "reactor_conus_plus", "reactor_dresden_ii"),
    *("sns_lar_2020_prompt", "sns_lar_2020_delayed", "sns_ge_2024"),
    *("sns_ge_2024_prompt", "sns_ge_2024_delayed"),
    *(f"sns_csi_{year}_{kind}" for year in (2017, 2021) for kind in ("prompt", "delayed")),
]


def slow_moments(flux, minimum: float) -> np.ndarray:
    """Gauss-Legendre of 12 points on each interval of the table."""
    if isinstance(flux, Line):
        reached = float(minimum <= flux.energy_mev)
        return np.array([reached * flux.total_per_cm2_s / flux.energy_mev**n for n in range(3)])
    edges = np.append(minimum, flux.energy_mev[flux.energy_mev > minimum])
    edges = np.maximum(edges, flux.energy_mev[0])
    nodes, weights = np.polynomial.legendre.leggauss(12)
    middle, half = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    energy = middle[:, None] + half[:, None] * nodes
    density = np.interp(energy, flux.energy_mev, flux.flux_per_cm2_s_mev)
    return np.array([np.sum(density * energy**-n * half[:, None] * weights) for n in range(3)])


def test_names():
    assert sorted(SOURCES) == sorted(NAMES)
    assert list(SOURCE_TEXTS) == list(SOURCES)


@pytest.mark.parametrize("name", [name for name, text in SOURCE_TEXTS.items() if "/cm2/s" in text])
def test_fluxes_that_are_told_are_those_of_the_source(name):
    told = re.search(r"([\d.e]+) /cm2/s", SOURCE_TEXTS[name])
    assert told is not None
    assert source(name).total_per_cm2_s == pytest.approx(float(told[1]), rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_moments_of_every_source(name):
    found = source(name)
    assert isinstance(found, Source)
    assert found.name == name
    flux_energies = [
        flux.energy_mev if isinstance(flux, Line) else flux.energy_mev[-1]
        for parts in found.fluxes.values()
        for flux in parts
    ]
    for minimum in max(flux_energies) * np.array([0.03, 0.2, 0.55, 0.9]):
        expected = np.zeros((6, 3))
        for flavour, parts in found.fluxes.items():
            expected[FLAVOURS.index(flavour)] = sum(slow_moments(flux, minimum) for flux in parts)
        moments = found.inverse_moments(minimum)
        np.testing.assert_allclose(moments, expected, rtol=1e-9, atol=1e-12 * expected.max())
        assert np.all(moments >= 0)
    assert not found.inverse_moments(1.001 * max(flux_energies)).any()


@pytest.mark.parametrize("name", NAMES)
def test_moments_add_up_to_the_total(name):
    found = source(name)
    whole = found.inverse_moments(1e-4)[:, 0].sum()
    assert whole == pytest.approx(found.total_per_cm2_s, rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_citations_have_entries(name):
    assert source(name).cite
    assert bibtex(source(name).cite).count("@") == len(source(name).cite)


def test_sources_can_be_sent_to_other_processes():
    again = pickle.loads(pickle.dumps(source("solar")))
    np.testing.assert_array_equal(again.inverse_moments(1.0), source("solar").inverse_moments(1.0))


def test_unknown_sources_are_listed():
    with pytest.raises(UnknownNameError, match=r"did you mean 'solar_8b'.*pion_decay_at_rest"):
        source("solar8b")


def test_a_table_that_is_not_one(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_text("# comment\na,b\n1,2\n3\n")
    monkeypatch.setattr(table, "data_file", lambda _: path)
    with pytest.raises(DataError, match=r"x\.csv: expected names and rows of numbers"):
        table.columns.__wrapped__("x.csv")
