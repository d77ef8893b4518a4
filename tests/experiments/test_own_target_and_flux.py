"""The page on a target and a flux of one's own: its commands are run as they stand."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.sources import reactor

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "own_target_and_flux.md"
EXAMPLE = ROOT / "docs" / "examples" / "cawo4"
TEXT = PAGE.read_text(encoding="utf-8")
SPECTRA, PROJECTION = re.findall(r"^```sh\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, typed: Callable[[str, Path], str]) -> Path:
    """A copy of the example, in which all of the page's commands were run; what they printed."""
    path = tmp_path_factory.mktemp("cawo4") / "example"
    shutil.copytree(EXAMPLE, path)
    for number, line in enumerate([*SPECTRA.splitlines(), *PROJECTION.splitlines()]):
        if line.startswith("bayes-cevns run "):  # what the folder of the run keeps is enough
            (path / "reactor_flux.csv").rename(path / "away.csv")
        (path / f"printed_{number}.txt").write_text(typed(line, path))
    (path / "away.csv").rename(path / "reactor_flux.csv")
    return path


def test_spectra_of_the_page(folder):
    energies = [0.02, 0.1, 1.0]
    flux = bc.source(folder / "reactor_flux.csv")
    expected = bc.rate(source=flux, target="CaWO4").total(energies)
    lines = (folder / "printed_0.txt").read_text().splitlines()[1:]
    np.testing.assert_allclose([float(line.split()[1]) for line in lines], expected, rtol=1e-5)


def test_expected_counts_of_the_page(folder):
    """16 430 recoils: those of an integral over the spectrum of each isotope above 20 eV."""
    printed = (folder / "printed_4.txt").read_text().split()
    energies = np.geomspace(0.02, 15.0, 4001)
    flux = bc.source(folder / "reactor_flux.csv")
    rate = bc.rate(source=flux, target="CaWO4").total(energies)
    counts = 1e-3 * np.trapezoid(rate * energies, np.log(energies))
    assert float(printed[-1]) == pytest.approx(counts, rel=2e-3)
    assert "1.6e4 recoils" in TEXT
    assert counts == pytest.approx(1.64e4, rel=5e-3)


def test_limits_of_the_page(folder):
    with (folder / "results" / "limits_cl.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if float(row["mass_mev"]) == 10.0]
    found = {row["side"]: f"{float(row['limit']):.1e}".replace("e-06", "e-6") for row in rows}
    assert found == {"positive": "2.1e-6", "negative": "2.2e-6"}
    assert f"> {found['positive']} (g_nu g_f > 0) and > {found['negative']}" in TEXT
    assert {row["data"] for row in rows} == {"asimov"}


def test_the_run_keeps_its_flux_and_runs_again_without_the_file(folder):
    kept = folder / "results" / "flux-reactor_flux.csv"
    assert kept.read_text() == (folder / "reactor_flux.csv").read_text()
    analysis = (folder / "results" / "analysis.toml").read_text()
    assert 'source = "flux-reactor_flux.csv"' in analysis
    for name in ("limits_cl.csv", "analysis.toml", "flux-reactor_flux.csv"):
        again = (folder / "again" / name).read_text()
        assert again == (folder / "results" / name).read_text()
    assert len(bc.load(folder / "results").points) == 2


def test_another_flux_is_another_run(folder):
    """The identity holds the content of the flux, whatever its file is called."""
    from bayes_cevns.errors import DataError

    kept = folder / "again" / "flux-reactor_flux.csv"
    kept.write_text(kept.read_text().replace("1.047e+12", "1.048e+12"))
    with pytest.raises(DataError, match=r"sources.* changed|cawo4 .card, table or source. changed"):
        bc.load(folder / "again")


def test_the_flux_is_that_of_the_package(tmp_path, typed):
    """Sampled every 0.1 MeV, its integral is within 0.2% of the spectrum's."""
    typed(f"python {shlex.quote(str(EXAMPLE / 'make_flux.py'))}", tmp_path)
    written = (tmp_path / "reactor_flux.csv").read_text()
    assert written == (EXAMPLE / "reactor_flux.csv").read_text()
    source = reactor(thermal_power_gw=4.0, baseline_m=50.0)
    found = bc.source(EXAMPLE / "reactor_flux.csv")
    assert found.total_per_cm2_s == pytest.approx(source.total_per_cm2_s, rel=2e-3)
    assert found.total_per_cm2_s == pytest.approx(2.8e12, rel=5e-3)
    assert found.cite == source.cite
