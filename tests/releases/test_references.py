"""What stands beside the tables agrees with them and with their builders."""

from __future__ import annotations

import pytest
import xarray as xr

from bayes_cevns.errors import DataError
from bayes_cevns.releases import (
    BUILDERS,
    atmospheric,
    earth,
    isotopes,
    lz_8b,
    nuclear_responses,
    nuclei,
    pandax4t_8b,
    pion_decay,
    product,
    reactor,
    solar,
    solar_models,
    xenon1t_s2only,
)
from bayes_cevns.releases.neutral_atoms import MENDELEEV, XRAYDB
from bayes_cevns.storage.resources import data_dir, data_file

TABLES = sorted(path.relative_to(data_dir()).as_posix() for path in data_dir().glob("*/*.nc"))


def words(target: str) -> str:
    """The text without its line ends and indents."""
    return " ".join(product.reference(target).split())


@pytest.mark.parametrize("name", TABLES)
def test_tables_name_themselves_as_their_reference_does(name: str) -> None:
    text = words(name.split("/")[0])
    with xr.open_dataset(data_file(name), engine="h5netcdf") as table:
        attributes = table.attrs
    assert text.startswith(f"{attributes['title']} Source")
    for paper in attributes["paper"].split("; "):
        assert paper in text


@pytest.mark.parametrize("target", BUILDERS)
def test_a_reference_names_its_builder(target: str) -> None:
    """What was derived, and how; and what to compare with."""
    text = words(target)
    assert f"bayes_cevns.releases.{target}" in text
    assert "Check value" in text


SAID = {
    "atmospheric": [
        *(atmospheric.FLUKA, atmospheric.FOG, atmospheric.BEACOM, atmospheric.DSNB),
        f"the normalised table times {atmospheric.DSNB_TOTAL_PER_CM2_S} 1/(cm2 s)",
    ],
    "earth": [earth.PREM, ", ".join(earth.COLUMNS.values())],
    "lz_8b": [
        *(lz_8b.DOI, f"{lz_8b.EFFICIENCY}: table t4"),
        f"the efficiency every {lz_8b.STEP_KEV:g} keV",
        f"{lz_8b.EXPOSURE_TONNE_YEAR} tonne years, of the paper's abstract",
    ],
    "atoms": [f"{wheel.package} {wheel.version}" for wheel in (XRAYDB, MENDELEEV)],
    "nuclei": [
        *(isotopes.NUBASE, nuclei.H15, isotopes.ANGELI, nuclei.F_S),
        f"{isotopes.WHEEL.package} {isotopes.WHEEL.version}",
        *(nuclear_responses.HMS, nuclear_responses.KLOS, nuclear_responses.ANAND),
        nuclear_responses.BEDNYAKOV,
    ],
    "pandax4t_8b": [
        f"for {pandax4t_8b.SM_EVENTS['paired']} events: section IV",
        f"gives {pandax4t_8b.SM_EVENTS['us2']} events between {pandax4t_8b.US2_ROI_KEV[0]:g} and "
        f"{pandax4t_8b.US2_ROI_KEV[1]:g} keV",
        f"y = 1 + {pandax4t_8b.YIELD_WIDTH:g} {pandax4t_8b.YIELD}",
        f"the width is {pandax4t_8b.YIELD_WIDTH:g}.",
    ],
    "pion_decay": [
        *(pion_decay.PAPER, pion_decay.TIMES, pion_decay.ENERGIES, pion_decay.RAW.folder),
        f"{pion_decay.PER_PROTON} neutrinos of each flavour per proton",
    ],
    "reactor": [
        *(reactor.HUBER, reactor.MUELLER, reactor.BESTIOLE, f"below {reactor.RAW.folder};"),
        f"to steps of {reactor.STEP_MEV} MeV",
        ", ".join(f"{isotope} {total}" for isotope, total in reactor.SUMMED.items()),
    ],
    "solar": [
        *(f"{name} {shape.paper}: {shape.origin}." for name, shape in solar.SPECTRA.items()),
        *(*solar.MODELS.values(), f"SNO: {solar.SNO_REFERENCE}."),
    ],
    "solar_models": [
        *(solar_models.B16, solar_models.B23),
        f"steps of {solar_models._FINE_STEP:g}, up to {solar_models._FINE_END:g}, where production "
        f"ends, and steps of {solar_models._COARSE_STEP:g} beyond",
    ],
    "xenon1t_s2only": [
        f"{xenon1t_s2only.ROI_PE[0]} to {xenon1t_s2only.ROI_PE[1]} PE",
        f"from {xenon1t_s2only.NUCLEAR_CUTOFF_KEV} keV on",
        f"from {xenon1t_s2only.ELECTRON_CUTOFF_KEV} keV on",
        *(xenon1t_s2only.NUCLEAR, xenon1t_s2only.ELECTRON, xenon1t_s2only.EVENTS),
    ],
}


@pytest.mark.parametrize("target", SAID)
def test_papers_and_numbers_of_a_builder_stand_in_its_reference(target: str) -> None:
    text = words(target)
    assert [each for each in SAID[target] if each not in text] == []


def test_a_table_without_reference_cannot_be_built(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(product, "data_dir", lambda: tmp_path)
    with pytest.raises(DataError, match=r"expected .*xlzd.REFERENCE, found none: write it first"):
        BUILDERS["xlzd"](tmp_path)
