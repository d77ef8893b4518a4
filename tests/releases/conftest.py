"""Synthetic raw releases, a local web server, and the real releases where they are."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml
from scipy.special import ndtr

from bayes_cevns.releases import (
    atmospheric,
    coherent_csi,
    coherent_csi_2017,
    coherent_ge,
    coherent_ge_detectors,
    coherent_lar,
    connie,
    conus_plus,
    conus_plus_spectrum,
    default_releases_dir,
    dresden_ii,
    lz_8b,
    nuclear_responses,
    pandax4t_8b,
    pion_decay,
    reactor,
    solar,
    solar_models,
    xenon1t_s2only,
    xenonnt_2024,
    xenonnt_cevns,
    xenonnt_s2only,
)
from bayes_cevns.releases.published_curves import RECAST_MODELS, SEARCHES, STELLAR
from bayes_cevns.releases.xenonnt_files import OBSERVABLES

sys.path.append(str(Path(__file__).parent))
from wheel_files import write_atoms, write_nuclei  # beside this file


@pytest.fixture(scope="session")
def raw_releases() -> Path:
    folder = default_releases_dir()
    if not folder.is_dir():
        pytest.skip(f"the raw releases are not at {folder}: set BAYES_CEVNS_RELEASES")
    return folder


@dataclass
class MiniXenonnt:
    """A release of one run, two energies and 3 x 3 yield pulls, with recognisable numbers."""

    releases_dir: Path
    energies: tuple[float, ...] = (0.5, 1.0)
    yield_pulls: tuple[float, ...] = (-1.0, 0.0, 1.0)
    edges: np.ndarray = field(
        default_factory=lambda: np.array(
            [[90.0, 150, 250, 500], [0, 1 / 3, 2 / 3, 1], [0, 0.25, 0.5, 1], [0.8, 0.85, 0.9, 1]]
        )
    )
    events: tuple[tuple[float, ...], ...] = (
        (120.0, 0.1, 0.3, 0.95),
        (500.0, 1.0, 1.0, 1.0),
        (150.0, 0.9, 0.1, 0.8),
        (120.0, 0.1, 0.3, 0.95),
    )

    @property
    def root(self) -> Path:
        return self.releases_dir / xenonnt_cevns.RAW.folder

    @property
    def pulls(self) -> list[tuple[float, float]]:
        return [(a, b) for a in self.yield_pulls for b in self.yield_pulls]

    @staticmethod
    def path(component: str, *, before: str = "", after: str = "") -> str:
        return f"templates/sr0/{component}/template_XENONnT_sr0_{component}{before}_cevns{after}.h5"

    def mono(self, energy: float, tly: float, tqy: float) -> str:
        return self.path("mono", before=f"_{energy:.3f}", after=f"_tly_{tly}_tqy_{tqy}")

    @staticmethod
    def values(*, energy: float = 0.0, tly: float = 0.0, tqy: float = 0.0) -> np.ndarray:
        """Numbers that tell every bin, energy and pull from every other."""
        bins = np.arange(81.0).reshape(3, 3, 3, 3)
        return 1e-5 * (bins + 0.1 * (tly + 1) + 0.01 * (tqy + 1) + 100 * energy)

    def write_template(
        self, relative: str, values: np.ndarray, *, edges: np.ndarray | None = None
    ) -> None:
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(path, "w") as file:
            file["templates/template"] = values
            for axis, axis_edges in enumerate(self.edges if edges is None else edges):
                file[f"bins/{axis}"] = axis_edges

    def write_text(self, relative: str, text: str) -> None:
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def write_events(self, events: tuple[tuple[float, ...], ...]) -> None:
        lines = ["," + ",".join(OBSERVABLES.values())]
        lines += [f"{i}," + ",".join(map(repr, event)) for i, event in enumerate(events)]
        self.write_text("data/sr0.csv", "\n".join([*lines, ""]))

    def write(self) -> None:
        binning = dict(zip(OBSERVABLES.values(), self.edges.round(12).tolist(), strict=True))
        self.write_text("binning/sr0.yaml", yaml.safe_dump(binning, sort_keys=False))
        self.write_events(self.events)
        self.write_template(self.path("ac"), 2 * self.values())
        self.write_template(self.path("er"), 3 * self.values())
        for tly, tqy in self.pulls:
            after = f"_tly_{tly}_tqy_{tqy}"
            self.write_template(self.path("rg", after=after), 4 * self.values(tly=tly, tqy=tqy))
            for energy in self.energies:
                values = self.values(energy=energy, tly=tly, tqy=tqy)
                self.write_template(self.mono(energy, tly, tqy), values)


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MiniXenonnt:
    """A small XENONnT release, which its builder then expects."""
    release = MiniXenonnt(tmp_path / "raw")
    release.write()
    monkeypatch.setattr(xenonnt_cevns, "EXPOSURE_TONNE_YEAR", {"sr0": 2.0})
    monkeypatch.setattr(xenonnt_cevns, "ENERGIES_KEV", release.energies)
    monkeypatch.setattr(xenonnt_cevns, "PULLS", release.yield_pulls)
    return release


@pytest.fixture
def xenonnt_2024_raw(mini: MiniXenonnt) -> Path:
    """A small release of 2024, and what it needs of that of 2026; the folder of the former."""
    folder = mini.releases_dir / xenonnt_2024.RAW.folder
    (folder / "signal").mkdir(parents=True)
    flat = {"coordinate_system": [0.0, 1.0], "map": [1.0, 3.0], "rate": 400.0}
    (folder / xenonnt_2024.SPECTRUM).write_text(json.dumps(flat))
    binning = (mini.root / "binning/sr0.yaml").read_text()
    mini.write_text("binning/sr1.yaml", binning)
    events = ["120.0,0.1,0.3,0.95", "500.0,1.0,1.0,1.0", "260.0,0.9,0.9,0.91"]
    for run in ("sr0", "sr1"):
        for pull in xenonnt_2024.CHARGE_YIELD:
            for energy in xenonnt_2024.ENERGIES_KEV:
                relative = mini.mono(energy, 0.0, pull).replace("sr0", run)
                mini.write_template(relative, mini.values(energy=energy, tqy=pull))
        names = ("b8_cevns_tly_0.0_tqy_0.0", *xenonnt_2024.BACKGROUNDS.values())
        for factor, name in enumerate(names, start=1):
            relative = f"../{folder.name}/bkg/template_XENONnT_{run}_{name}.h5"
            mini.write_template(relative, factor * mini.values())
        text = "\n".join([",".join(xenonnt_2024.COLUMNS), *events, ""])
        (folder / f"events_{run.upper()}.csv").write_text(text)
    return folder


SPECTRUM = "# a comment\n# E,density\n0.0,0.0,0.0\n1.0,0.1,0.1\n10.0,0.1,0.1\n11.0,0.0,0.0\n"
FLUXES = (
    "# a comment\nmodel,pp,pep,hep,7Be,8B,13N,15O,17F\n"
    "B16_GS98,5.98e10,1.44e8,7.98e3,4.93e9,5.46e6,2.78e8,2.05e8,5.29e6\n"
    "B16_GS98_fracerr,0.006,0.010,0.30,0.06,0.12,0.15,0.17,0.20\n"
    "B23_SF3_GS98,5.960e+10,1.425e+08,7.950e+03,4.854e+09,5.025e+06,2.795e+08,2.067e+08,5.35e+06\n"
    "B23_SF3_GS98_fracerr,5.785e-03,0.01,0.3,0.07,1.255e-01,0.16,0.18,0.2\n"
    "Other,1,1,1,1,5.16e6,1,1,1\n"
)
LINES = (
    "# a comment\nline,E_MeV,fraction\npep,1.442,1.0\n7Be_gs,0.8618,0.897\n7Be_ex,0.3843,0.103\n"
)
ELEMENTS = (
    "# a comment\nset,quantity,p,n,unit,note\n"
    "H15,f_u,0.0208,0.0189,1,\nH15,f_d,0.0411,0.0451,1,\nH15,f_s,0.043,0.043,1,\n"
    "Other,f_u,0.5,0.5,1,\n"
    "HMS20,<rE^2>,0.7,-0.1,fm^2,\nHMS20,<rEs^2>,-0.005,-0.005,fm^2,\nHMS20,kappa,1.8,-1.9,mu_N,\n"
)
WEAK_FORM_FACTORS = (
    "# a comment\nZ,A,b_fm,operator,c0,c1,c2,c3,c4,c5\n"
    "53,127,2.25,M_plus,127,-125.5,35,-3.5,0.125,-0.0005\n53,127,2.25,M_minus,-21,30,-12,1,0,0\n"
    "53,127,2.25,Phi2_plus,-26,18,-3.5,0.25,-0.004,\n53,127,2.25,Phi2_minus,3.5,-4.5,1,0,0,\n"
)


def write_nuclear_responses(folder: Path) -> None:
    """Spins and responses of nuclei: J = 1/2, <S_p> = 0.25, <S_n> = -1/A; power k has 10^-k."""
    lines = ["# a comment", "source,symbol,Z,A,abundance,J,Sp,Sn", "Other,Xe,54,129,1,0.5,9,9"]
    for name in ("ddcalc_klos2013_sdff", "ddcalc_wbar_anand2013"):
        (folder / name).mkdir()
    for symbol, z, a in nuclear_responses.KLOS_NUCLEI:
        lines.append(f"obscura,{symbol},{z},{a},1,0.5,0.25,{-1 / a}")
        s_00 = 1.5 / np.pi * (0.25 - 1 / a) ** 2
        table = np.outer(10.0 ** -np.arange(10), [1, 0.5, 0.8, 0.6, 0.7]) * s_00
        np.savetxt(folder / f"ddcalc_klos2013_sdff/{z}_{a}.dat", table)
    for _, z, a in nuclear_responses.ANAND_NUCLEI:
        responses = np.array([1, 2, 3, 4, 1.5, 3.0, 7, 8])
        table = np.multiply.outer(np.outer(responses, [1, 2, 2, 3]), 10.0 ** -np.arange(11))
        np.savetxt(folder / f"ddcalc_wbar_anand2013/{z}_{a}.dat", table.ravel())
    (folder / "spin_expectation_values.csv").write_text("\r".join([*lines, ""]), newline="")
    (folder / "hms2020_vector_formfactors.csv").write_text(WEAK_FORM_FACTORS)


@pytest.fixture
def solar_raw(tmp_path: Path) -> Path:
    """Small copies of the raw solar tables; the folder that holds them."""
    folder = tmp_path / "raw" / "theory" / "solar_spectra"
    folder.mkdir(parents=True)
    for shape in solar.SPECTRA.values():
        (folder / shape.raw).write_text(SPECTRUM)
    (folder / "lines.csv").write_text(LINES)
    (folder / "total_fluxes.csv").write_text(FLUXES)
    return folder


@pytest.fixture
def atmospheric_raw(tmp_path: Path) -> Path:
    """Small copies of the raw atmospheric and supernova tables; the folder that holds them."""
    folder = tmp_path / "raw" / atmospheric.RAW.folder
    folder.mkdir(parents=True)
    for relative, _, total in atmospheric.SITES.values():
        rows = [[energy, *(total / 10 * i for i in (1, 2, 3, 4))] for energy in (13.0, 14.0)]
        (folder / relative).write_text(csv_of(rows))
    (folder / atmospheric.DSNB).write_text(SPECTRUM)
    return folder


@pytest.fixture
def pion_decay_raw(tmp_path: Path) -> Path:
    """Small copies of the raw stopped-pion tables; the folder that holds them."""
    folder = tmp_path / "raw" / pion_decay.RAW.folder
    folder.mkdir(parents=True)
    times = [[0.0, 10.0, 0.2, 0.5, 0.9, 0.3], [10.0, 20.0, 0.8, 0.5, 0.1, 0.7]]
    energies = [[1.0, 0.0212, 1e-4, 0.0, 0.0], [2.0, 0.0636, 1e-4, 0.0848, 0.0848]]
    (folder / pion_decay.TIMES).write_text(csv_of(times, separator=" "))
    (folder / pion_decay.ENERGIES).write_text(csv_of(energies, separator=" "))
    return folder


@pytest.fixture
def csi_raw(tmp_path: Path, pion_decay_raw: Path) -> Path:
    """A small CsI release of 2021; the folder that holds it."""
    del pion_decay_raw  # its times are another input
    folder = tmp_path / "raw" / coherent_csi.RAW.folder
    folder.mkdir(parents=True)
    numbers = {
        "dataBeamOnC.txt": [[9.0, 0.1], [9.5, 5.9], [30.0, 0.3], [70.0, 1.0], [59.0, 6.5]],
        "dataBeamOnAC.txt": [[9.0, 0.1], [30.0, 1.0], [31.0, 2.5], [31.0, 7.0]],
        "brnPE.txt": [[8.5, 2.0], [9.5, 1.0], [60.5, 5.0]],
        "brnTrec.txt": [[-0.2, 7.0], [0.2, 1.0], [1.5, 3.0], [6.5, 9.0]],
        "ninPE.txt": [[10.5, 1.0], [45.5, 1.0]],
        "ninTrec.txt": [[0.3, 1.0], [3.0, 1.0]],
        coherent_csi.EFFICIENCY: [
            [1.2, 0.3, 11.0, -0.3],
            [1.25, 0.3, 10.0, -0.35],
            [1.15, 0.3, 12.0, -0.25],
        ],
        coherent_csi.SCINTILLATION: [
            [0.06, 4.0, -100.0, 800.0],
            [0.065, 4.0, -100.0, 800.0],
            [0.055, 4.0, -100.0, 800.0],
            [0.06, 3.5, -100.0, 800.0],
            [0.06, 4.5, -100.0, 800.0],
        ],
    }
    for name, rows in numbers.items():
        (folder / name).write_text(csv_of(rows, separator=" "))
    return folder


@pytest.fixture
def csi_2017_raw(tmp_path: Path) -> Path:
    """A small CsI release of 2017; the folder that holds it."""
    folder = tmp_path / "raw" / coherent_csi_2017.RAW.folder
    folder.mkdir(parents=True)
    head = "Photoelectrons (PEs),Arrival time (us),Counts\n"
    for number, name in enumerate(("coincidence", "anticoincidence")):
        rows = [
            [2.0 * pe + 1, 0.5 * time + 0.25, float((pe + 1) * (number + (time < 2)))]
            for pe in range(25)
            for time in range(24)
        ]
        (folder / f"data_{name}_beamOn.txt").write_text(head + csv_of(rows))
    for kind, filled in (("promptNeutrinos", 2), ("delayedNeutrinos", 16), ("promptNeutrons", 4)):
        rows = [[0.5 * k + 0.25, (k < filled) / filled] for k in range(24)]
        (folder / f"arrivalTimePDF_{kind}.txt").write_text(csv_of(rows))
    (folder / "promptPDF.txt").write_text(csv_of([[k + 0.5, 0.1] for k in range(50)]))
    return folder


@pytest.fixture
def reactor_raw(tmp_path: Path) -> Path:
    """Flat spectra per fission in the raw layout; the folder that holds them."""
    folder = tmp_path / "raw" / reactor.RAW.folder
    centres = 0.0125 + 0.025 * np.arange(500)
    totals = reactor.SUMMED | dict.fromkeys(reactor.CAPTURE, 1.0)
    (folder / "RitterCat").mkdir(parents=True)
    (folder / "Ricochet_Huber").mkdir()
    for isotope, total in totals.items():
        kept = centres[:40] if isotope in reactor.CAPTURE else centres
        rows = [[energy, total / (0.025 * kept.size)] for energy in kept.tolist()]
        (folder / f"RitterCat/bestiole_{isotope}.txt").write_text(csv_of(rows))
    for relative, separator in reactor.CONVERTED.values():
        rows = [[2 + 0.25 * step, 4.0**-step] for step in range(25)]
        (folder / relative).write_text(csv_of(rows, separator=separator or " "))
    return folder


def csv_of(rows: list[list[float]], *, separator: str = ",") -> str:
    """Rows of numbers below a comment."""
    return "\n".join(["# a comment", *(separator.join(map(repr, row)) for row in rows), ""])


@pytest.fixture
def nuclei_raw(tmp_path: Path) -> Path:
    """Small copies of the raw nuclear tables; the folder that holds them."""
    folder = tmp_path / "raw" / "theory" / "nuclear"
    folder.mkdir(parents=True)
    (folder / "nucleon_matrix_elements.csv").write_text(ELEMENTS)
    write_nuclear_responses(folder)
    write_nuclei(tmp_path / "raw")
    return folder


@pytest.fixture
def solar_models_raw(tmp_path: Path) -> Path:
    """Small solar models, in every second of the raw radii; the folder that holds them."""
    folder = tmp_path / "raw" / "theory" / "ssm"
    folder.mkdir(parents=True)
    radius = np.arange(1, 1001) / 1000
    made = np.where(radius < 0.5, radius**2 * (0.5 - radius) ** 2, 0.0)
    made /= np.trapezoid(made, radius)
    densities = [100 * np.exp(-10 * radius) * factor for factor in (1.2, 0.9, 0.4)]
    mass_fractions = [0.5 + 0 * radius, 0.4 + 0 * radius]
    structure = ["rho_g_cm3", "np_NA", "nn_NA", "X_H1", "X_He4"]
    production = [f"f_{component}" for component in solar_models.COMPONENTS]
    columns = dict(zip(structure, [*densities, *mass_fractions], strict=True))
    made_of = dict.fromkeys(production, made)
    for name in ("b16_gs98", "b16_agss09"):
        _write_columns(folder / f"{name}_structure.csv", radius, columns)
        _write_columns(folder / f"{name}_nudistr.csv", radius[:500], made_of)
    _write_columns(folder / "b23_sf3_GS98.csv", radius, columns | made_of)
    return folder


def _write_columns(path: Path, radius: np.ndarray, columns: dict[str, np.ndarray]) -> None:
    table = np.column_stack([radius, *(column[: radius.size] for column in columns.values())])
    header = "# a comment\n# " + ",".join(["r_over_Rsun", *columns])
    rows = [",".join(format(v, ".12g") for v in row) for row in table]
    path.write_text("\n".join([header, *rows, ""]))


PREM = (
    "radius_km,mass_density_g_cm3,vp_km_s,electron_fraction\n"
    "0.0,13.0,11.2,0.467\n3480.0,10.0,8.0,0.467\n3480.0,5.5,13.7,0.495\n6371.0,2.6,5.8,0.495\n"
)


@pytest.fixture
def earth_raw(tmp_path: Path) -> Path:
    """A small Earth; the folder that holds it."""
    folder = tmp_path / "raw" / "theory" / "earth"
    folder.mkdir(parents=True)
    (folder / "prem_density.csv").write_text(PREM)
    return folder


ELECTRONS = (
    "# a comment\n"
    "element,Z,shell,orbital,n_e,E_exp_eV,E_DHF_RRPA_eV,E_DHF_cox_eV,E_ibe_nl_eV\n"
    "Be,4,K,1s,2,111.5,,128.8,\nBe,4,L1,2s,2,9.3,,,\nBe,4,L2,2p1/2,0,3,,,\n"
)


@pytest.fixture
def atoms_raw(tmp_path: Path) -> Path:
    """A small copy of the raw table of electrons; the folder that holds it."""
    folder = tmp_path / "raw" / "theory" / "binding_energies"
    folder.mkdir(parents=True)
    (folder / "binding_energies.csv").write_text(ELECTRONS)
    write_atoms(tmp_path / "raw")
    return folder


@pytest.fixture
def connie_raw(tmp_path: Path) -> Path:
    """Small copies of the digitised curves; the folder that holds them."""
    folder = tmp_path / "raw" / connie.RAW.folder
    folder.mkdir(parents=True)
    rows = "0.0195,0.2,0.3,0.1\n0.1,0.5,0.6,0.4\n0.1,0.4,0.5,0.3\n0.9,0.7,0.8,0.6\n"
    (folder / connie.EFFICIENCY).write_text(f"x,Curve1,Curve2,Curve3\n{rows}")
    (folder / connie.BACKGROUND).write_text("x,Curve1,Curve2,,\n1.2,4.0,3.0,5.0,0.2,2.2,,\n")
    return folder


@pytest.fixture
def many_body_raw(tmp_path: Path) -> Path:
    """Small copies of the raw rates on xenon; the folder that holds them."""
    folder = tmp_path / "raw" / "theory" / "rrpa_xenon"
    folder.mkdir(parents=True)
    for name, rates in {"pp.txt": (2.0, 2.0, 4.0), "rrpa_rate.txt": (1.6, 1.6, 3.2)}.items():
        rows = zip((0.2, 1.0, 30.0), rates, strict=True)
        text = "".join(f"{energy} {rate}e-31\n" for energy, rate in rows)
        (folder / name).write_text(f"# E_R (keV)\tRate\n{text}")
    return folder


MIGDAL = (
    "# a comment\n# binding energies E_nl [eV] (a paper): 1_0=3200, 2_1=240.5\n"
    "Ee_eV,1_0,2_1\n1.0,1e-12,4e-10\n2.0,2e-12,3e-10\n4.0,1e-12,2.5e-10\n"
)


@pytest.fixture
def migdal_raw(tmp_path: Path) -> Path:
    """Small copies of the raw Migdal tables; the folder that holds them."""
    folder = tmp_path / "raw" / "theory" / "migdal_ibe2018"
    folder.mkdir(parents=True)
    for element in ("Xe", "Ar", "Ge", "Si"):
        (folder / f"ibe2018_{element}.csv").write_text(MIGDAL)
    return folder


@pytest.fixture
def published_limits_raw(tmp_path: Path) -> Path:
    """Small copies of the raw limits; the folder that holds those of DarkCast."""
    folder = tmp_path / "raw" / "theory" / "limits_darkcast"
    notes = folder / "notes"
    notes.mkdir(parents=True)
    for search in SEARCHES:
        original = "B-L_boson" if search.is_neutrino_electron else "dark_photon"
        paper = f'@article{{Name:{search.name},\n eprint = "1234.56789",\n doi = "10.1/1"}}\n'
        (notes / f"{search.file}.notes.txt").write_text(
            f'{paper}model = darkcast.Model("{original}")\n'
        )
        for model in RECAST_MODELS:
            path = folder / model.folder / f"{search.file}.lmt"
            path.parent.mkdir(exist_ok=True)
            path.write_text("# mass lower\n 1.0e-03 1.0e-05\n 2.0e-03 2.0e-05\n")
    stars = tmp_path / "raw" / "theory" / "limits_axionlimits"
    stars.mkdir()
    for star in STELLAR:
        columns = ",".join(star.columns)
        (stars / star.file).write_text(f"# a comment\n{columns}\n1,1e-13\n9,2e-13\n")
    return folder


@pytest.fixture
def yields_raw(tmp_path: Path) -> Path:
    """Small copies of the raw yield tables; the folder that holds them."""
    folder = tmp_path / "raw" / "pandax4t_yields_2024"
    folder.mkdir(parents=True)
    for kind, column in (("qy", "e_per_keV"), ("ly", "photons_per_keV")):
        for run in ("run0", "run1"):
            text = f"E_nr_keV,{column}\n1.1,6.3\n2.0,6.2\n"
            (folder / f"pandax4t_{run}_nr_{kind}_below_10keV.csv").write_text(text)
    return folder


def write_lar_cube(path: Path, cube: np.ndarray) -> None:
    """Write counts of shape (energy, F90, time) as the argon release does."""
    lines = [
        f"{5 + 10 * e} {0.525 + 0.05 * f:.3f} {0.15 + 0.5 * t:.2f} {cube[e, f, t]:.10g}"
        for e, f, t in np.ndindex(cube.shape)
    ]
    path.write_text("\n".join([*lines, ""]))


def lar_cube(energies: np.ndarray, f90: np.ndarray, times: np.ndarray, counts: float) -> np.ndarray:
    """Return a product of three distributions that are zero beyond the numbers given."""
    cube = np.zeros((12, 8, 10))
    part = np.einsum("e,f,t->eft", energies, f90, times)
    cube[: energies.size, : f90.size, : times.size] = counts * part / part.sum()
    return cube


@pytest.fixture
def lar_raw(tmp_path: Path) -> Path:
    """A small argon release with cubes that are products; the folder that holds it."""
    folder = tmp_path / "raw" / coherent_lar.RAW.folder
    folder.mkdir(parents=True)
    energies, flat, early = np.array([4.0, 2.0, 1.0]), np.ones(12), np.array([1.0, 4.0, 2.0])
    f90 = np.arange(1.0, 9.0)
    cubes = {
        "cevnspdf": lar_cube(energies, f90, np.ones(10), 140.0),
        "cevnspdf+1sigF90": lar_cube(energies, f90**1.5, np.ones(10), 140.0),
        "cevnspdf-1sigF90": lar_cube(energies, f90**0.5, np.ones(10), 140.0),
        "cevnspdfCEvNSTimingMeanSyst": lar_cube(energies, f90, np.arange(10.0), 140.0),
        "brnpdf": lar_cube(flat, np.ones(8), early, 70.0),
        "brnpdf+1sigEnergy": lar_cube(flat + 0.02 * np.arange(12), np.ones(8), early, 70.0),
        "brnpdf-1sigEnergy": lar_cube(flat - 0.02 * np.arange(12), np.ones(8), early, 70.0),
        "brnpdf+1sigBRNTimingMean": lar_cube(flat, np.ones(8), np.array([0.5, 3.5, 3.0]), 80.0),
        "brnpdf-1sigBRNTimingMean": lar_cube(flat, np.ones(8), np.array([2.0, 4.0, 1.0]), 70.0),
        "brnpdfBRNTimingWidthSyst": lar_cube(flat, np.ones(8), np.array([0.5, 5.5, 1.0]), 70.0),
        "delbrnpdf": lar_cube(flat, np.ones(8), np.array([0.0, 0.0, 0.0, 1.0]), 9.6),
        "bkgpdf": lar_cube(flat, np.ones(8), np.ones(10), 960.0),
        "datanobkgsub": np.arange(960.0).reshape(12, 8, 10),
    }
    for name, cube in cubes.items():
        write_lar_cube(folder / f"{name}.txt", cube)
    (folder / "CENNS10AnlAEfficiency.txt").write_text("0.25 1 0\n2.25 9 0.5\n39.75 118 0.9\n")
    return folder


@pytest.fixture
def ge_raw(tmp_path: Path) -> Path:
    """Efficiencies of five germanium detectors, and times; the folder that holds them."""
    folder = tmp_path / "raw" / coherent_ge_detectors.RAW.folder
    (folder / "timing_efficiencies").mkdir(parents=True)
    for name in coherent_ge_detectors.DETECTORS:
        path = folder / f"timing_efficiencies/eff_{name}.txt"
        path.write_text("0.0 0.1\n1.0 0.5\n2.0 0.8\n4.0 0.8\n")
    curves = {1: (2.0, 1.0), 3: (1.0, 4.0), 5: (1.0, 2.0), 7: (0.0, 1.0)}
    lines = ["time_us,on_sigma,fitted_prompt,fitted_delayed"]
    for time_us in range(-3, 34, 2):
        prompt, delayed = curves.get(time_us, (0.0, 0.0))
        lines.append(f"{time_us},2.5,{prompt},{delayed}")
    (folder / coherent_ge.TIMING).write_text("\n".join(lines))
    return folder


@pytest.fixture
def ge_grid_raw(tmp_path: Path) -> Path:
    """Counts of germanium on a grid, each another number; the folder that holds them."""
    folder = tmp_path / "raw" / coherent_ge.RAW.folder
    folder.mkdir(parents=True)
    lines = ["sample,t_low_us,t_high_us,e_low_keVee,e_high_keVee,counts"]
    for run, first in (("on", 100), ("off", 0)):
        for row in range(10):
            for column in range(9):
                low_us, low_kevee = -4 + 4 * row, 1.5 + 2 * column
                edges = f"{low_us},{low_us + 4},{low_kevee},{low_kevee + 2}"
                lines.append(f"{run},{edges},{first + 9 * row + column}")
    (folder / coherent_ge.GRID).write_text("\n".join(lines))
    return folder


@pytest.fixture
def s2only_raw(tmp_path: Path) -> Path:
    """A small ionisation-only release; the folder that holds it."""
    folder = tmp_path / "raw" / xenonnt_s2only.RAW.folder
    (folder / "response").mkdir(parents=True)
    bins = ",".join(f"s2_bin_{i}" for i in range(7))
    edges = range(80, 441, 60)
    names = ",".join(f"cS2_{low}_{low + 60}PE" for low in edges)
    templates = [f"template_events_per_tonne_year,{names}"]

    def row(scale: float, pull: int = 0) -> str:
        return ",".join(repr(scale * (1 + i + 0.1 * pull)) for i in range(7))

    for number, run in enumerate(("sr0", "sr1", "sr2")):
        for pull in range(-3, 4):
            rows = [f"{energy},{row(1e-3 * energy + number * 1e-4, pull)}" for energy in (0.5, 2.0)]
            text = "\n".join([f"energy_kev,{bins}", *rows, ""])
            (folder / f"response/response_nr_tqy_{pull}_{run}.csv").write_text(text)
            templates.append(f"{run}_template_cathode_tsys_{pull},{row(10 + number, pull)}")
            templates.append(f"{run}_template_cevns_tqy_{pull},{row(2 + number, pull)}")
        templates.append(f"{run}_template_de,{row(3 + number)}")
        templates.append(f"{run}_template_ae,{row(4 + number)}")
        events = "\n".join(["cs2_wo_elifecorr,source", "80.0,-1", "499.0,-1", "141.5,-1", ""])
        (folder / f"events_SR{number}.csv").write_text(events)
    (folder / xenonnt_s2only.TEMPLATES).write_text("\n".join([*templates, ""]))
    return folder


LZ_EFFICIENCY = (
    "#: a comment\n\nNuclear Recoil Energy [keV],Efficiency\n"
    "0.0,0.0\n0.5,0.0002\n1.0,0.01\n1.5,0.04\n2.0,0.09\n2.5,0.0\n"
)


@pytest.fixture
def lz_8b_raw(tmp_path: Path) -> Path:
    """A small LZ efficiency; the folder that holds it."""
    folder = tmp_path / "raw" / lz_8b.RAW.folder
    folder.mkdir(parents=True)
    (folder / lz_8b.EFFICIENCY).write_text(LZ_EFFICIENCY)
    return folder


@pytest.fixture
def pandax4t_8b_raw(tmp_path: Path) -> Path:
    """A small paired efficiency of PandaX-4T; the folder that holds it."""
    folder = tmp_path / "raw" / pandax4t_8b.RAW.folder
    folder.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)  # other data of PandaX-4T lie below it
    rows = [[0.6, 0.001], [1.1, 0.01], [2.0, 0.06], [3.0, 0.07]]
    (folder / pandax4t_8b.PAIRED).write_text(csv_of(rows))
    return folder


@pytest.fixture
def xenon1t_raw(tmp_path: Path) -> Path:
    """A small XENON1T release with four bins of 50 PE; the folder that holds it."""
    folder = tmp_path / "raw" / xenon1t_s2only.RAW.folder
    folder.mkdir(parents=True)
    names = ",".join(f"s2_bin_{i:03d}" for i in range(4))
    energies = ",".join(["energy_kev", "energy_bin_start_kev", "energy_bin_end_kev", names])

    def response(scale: float) -> str:
        # The probability rises in a straight line with the energy, which splines keep.
        grid = [0.05, 0.1, 0.3, 0.6, 1.0, 2.0, 4.0, 8.0]
        rows = [[e, e, e, *(scale * e * (i + 1) for i in range(4))] for e in grid]
        return "\n".join([energies, *(",".join(map(repr, row)) for row in rows), ""])

    texts = {
        xenon1t_s2only.NUCLEAR: response(1e-3),
        xenon1t_s2only.ELECTRON: response(2e-3),
        xenon1t_s2only.BINNING: "s2_bin_number,start_pe,end_pe\n"
        "0,100,150\n1,150,200\n2,200,250\n3,250,300\n",
        xenon1t_s2only.BACKGROUNDS: "s2_bin_number,er_background_events,cevns_background_events\n"
        "0,0.1,1\n1,0.2,2\n2,0.3,3\n3,0.4,4\n",
        xenon1t_s2only.EVENTS: "s2_area_pe,s2_width_ns,has_s1\n"
        "165.2,900,False\n165.3,900,False\n200,900,True\n271.7,900,False\n271.8,900,False\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


def two_columns(*columns: np.ndarray, separator: str = " ", head: str = "") -> str:
    rows = (separator.join(map(repr, map(float, row))) for row in zip(*columns, strict=True))
    return "\n".join([*([head] if head else []), *rows, ""])


@pytest.fixture
def electron_recoils_raw(tmp_path: Path) -> Path:
    """Small searches for electronic recoils: flat backgrounds; the folder of the releases."""
    releases = tmp_path / "raw"
    xenonnt = releases / "xenonnt_er_2022"
    xenonnt.mkdir(parents=True)
    energy = 0.05 + 0.1 * np.arange(300)
    (xenonnt / "bkg_model.txt").write_text(two_columns(energy, np.full(300, 15.0)))
    (xenonnt / "efficiency.txt").write_text(
        two_columns(np.array([0.1, 1.0, 2.0, 29.9]), np.array([0.0, 0.1, 0.8, 0.8]))
    )
    (xenonnt / "data_unbinned_1to30kev.txt").write_text("1.5\n2.5\n29.5\n2.75\n")
    lz = releases / "lz_pandax_digitised" / "LZ2025"
    lz.mkdir(parents=True, exist_ok=True)
    bins, at = 0.5 + np.arange(20), np.linspace(0.0, 20.0, 81)
    # A cut at 20 keV with the resolution of the run, as the real curves have.
    for label, width, flat in (("WS2022", 1.986, 23.0), ("WS2024", 1.726, 95.0)):
        curve = 0.9 * np.clip(at - 1.0, 0.0, 1.0) * ndtr((20.0 - at) / width)
        files = {
            f"{label}_1DROI_eff_data.txt": two_columns(at, curve),
            f"{label}_2DROI_eff_data.txt": two_columns(at, 0.5 * curve),
            f"{label}_data_hist_data.txt": two_columns(bins, np.arange(20.0)),
            f"BKG_FIT_{label}.csv": two_columns(bins, np.full(20, flat), separator=","),
        }
        for name, text in files.items():
            (lz / name).write_text(text)
    pandax = releases / "lz_pandax_digitised" / "pandaX" / "ER2024"
    pandax.mkdir(parents=True, exist_ok=True)
    bins, at = 0.5 + np.arange(30), np.linspace(0.0, 40.0, 81)
    curve = 0.92 * np.clip(at - 1.0, 0.0, 1.0) * ndtr((28.6 - at) / 3.0)
    tables = {
        "efficiency_ER_run1.csv": (at, curve),
        "run1_bkg.csv": (bins, np.full(30, 50.0)),
        "run1_evts.csv": (bins, np.arange(30.0) + 0.04),
    }
    for name, columns in tables.items():
        text = two_columns(*columns, separator=",", head="ER[keVee],anything")
        (pandax / name).write_text(text)
    xlzd = releases / "xlzd_backgrounds"
    xlzd.mkdir()
    head = "ER[keVee],rate[1/ton/yr/keV]"
    for name, level in (("radon.csv", "0.5"), ("krypton.csv", "0.25")):
        (xlzd / name).write_text(f"{head}\n0.1,{level},\n80.0,{level},\n")
    # A triangle of 3 events about 10 keV, its points in no order, and another one above.
    points = ["11.0,0.0", "9.0,0.0", "10.0,3.0", "35.0,0.0", "36.0,9.0", "37.0,0.0"]
    (xlzd / "xe124_ee.csv").write_text("\n".join([head, *(f"{each}," for each in points), ""]))
    return releases


@dataclass
class WebServer:
    """Pages by path; ``failures`` is how many requests get status 503 before pages are served.

    Only the first ``cut`` bytes of a page are sent, one each ``seconds_per_byte``.
    """

    url: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    failures: int = 0
    cut: int | None = None
    seconds_per_byte: float = 0.0
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    state = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append(self.path)
            page = state.pages.get(self.path)
            status = 200 if page is not None else 404
            if state.failures:
                state.failures -= 1
                status, page = 503, None
            self.send_response(status)
            self.send_header("Content-Length", str(len(page or b"")))
            self.end_headers()
            self._write((page or b"")[: state.cut])

        def _write(self, page: bytes) -> None:
            if not state.seconds_per_byte:
                self.wfile.write(page)
                return
            with contextlib.suppress(OSError):  # the reader has left
                for byte in page:
                    self.wfile.write(bytes([byte]))
                    time.sleep(state.seconds_per_byte)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        http.shutdown()
        thread.join(timeout=10)


@pytest.fixture
def conus_plus_raw(tmp_path: Path) -> Path:
    """Published numbers in the words of the release; the folder that holds them."""
    folder = tmp_path / "raw" / conus_plus.RAW.folder
    folder.mkdir(parents=True)
    lines = [
        "N_obs 400 +- 100 ; N_SM 300 +- 50 ; significance 4 sigma",
        "active mass 3 kg; exposure ON 365.25 kg d, OFF 60 kg d",
        "thresholds eVee: C3 150, C5 160, C2 170",
    ]
    (folder / conus_plus.NUMBERS).write_text("\n".join(lines))
    return folder


@pytest.fixture
def conus_plus_spectrum_raw(tmp_path: Path) -> Path:
    """An excess of which each bin is another one; the folder that holds it."""
    folder = tmp_path / "raw" / conus_plus_spectrum.RAW.folder
    folder.mkdir(parents=True)
    rows = [f"{low},{low + 10},{low - 250},{1 + low / 10}" for low in range(160, 350, 10)]
    lines = [",".join(conus_plus_spectrum.COLUMNS), *rows]
    (folder / conus_plus_spectrum.SPECTRUM).write_text("\n".join(lines))
    return folder


@pytest.fixture
def dresden_ii_raw(tmp_path: Path) -> Path:
    """A spectrum with recognisable numbers and quenching factors of 0.2 and 0.25."""
    folder = tmp_path / "raw" / dresden_ii.RAW.folder
    folder.mkdir(parents=True)
    centres = [0.205 + 0.01 * i for i in range(130)]
    spectrum = [f"{e:.5f} {10 + i} {1 + i} {20 + i} {2 + i}" for i, e in enumerate(centres)]
    # Like the release, without an end of the last line.
    (folder / dresden_ii.SPECTRUM).write_text("\n".join(spectrum))
    factors = [f"{0.01 * i:.4f} 0.2 0.25" for i in range(450)]
    (folder / dresden_ii.QUENCHING).write_text("\n".join(factors) + "\n")
    return folder
