"""Synthetic raw releases, a local web server, and the real releases where they are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml

from bayes_cevns.releases import BUILDERS, default_releases_dir, xenonnt_cevns
from bayes_cevns.releases.xenonnt_binning import OBSERVABLES
from bayes_cevns.releases.xenonnt_cevns import Layout


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
    layout: Layout = field(
        default_factory=lambda: Layout(
            exposure_tonne_year={"sr0": 2.0},
            recoil_energies_kev=(0.5, 1.0),
            yield_pulls=(-1.0, 0.0, 1.0),
        )
    )
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
        return self.releases_dir / xenonnt_cevns.FOLDER

    @property
    def pulls(self) -> list[tuple[float, float]]:
        return [(a, b) for a in self.layout.yield_pulls for b in self.layout.yield_pulls]

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
            for energy in self.layout.recoil_energies_kev:
                values = self.values(energy=energy, tly=tly, tqy=tqy)
                self.write_template(self.mono(energy, tly, tqy), values)


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MiniXenonnt:
    """A small XENONnT release, which ``BUILDERS`` then expects."""
    release = MiniXenonnt(tmp_path / "raw")
    release.write()
    builder = partial(xenonnt_cevns.build, layout=release.layout)
    monkeypatch.setitem(BUILDERS, "xenonnt_cevns", builder)
    return release


SPECTRUM = "# a comment\n# E,density\n0.0,0.0,0.0\n1.0,0.1,0.1\n10.0,0.1,0.1\n11.0,0.0,0.0\n"
FLUXES = (
    "# a comment\nmodel,pp,8B\n"
    "B16_GS98,5.98e10,5.46e6\nB16_GS98_fracerr,0.006,0.12\n"
    "B23_SF3_GS98,5.96e10,5.025e+06\nB23_SF3_GS98_fracerr,5.785e-03,1.255e-01\n"
    "Other,5.98e10,5.16e6\n"
)
ISOTOPES = (
    "# a comment\nsymbol,Z,A,N,abundance,atomic_mass_u,Jpi\n"
    "Xx,54,131,77,0.25,130.9,3/2+*\nXx,54,129,75,0.75,128.9,1/2+*\nYy,1,2,1,1.0,2.01,1+\n"
)
ELEMENTS = (
    "# a comment\nset,quantity,p,n,unit,note\n"
    "H15,f_u,0.0208,0.0189,1,\nH15,f_d,0.0411,0.0451,1,\nH15,f_s,0.043,0.043,1,\n"
    "Other,f_u,0.5,0.5,1,\n"
)


@pytest.fixture
def solar_raw(tmp_path: Path) -> Path:
    """Small copies of the raw solar tables; the folder that holds them."""
    folder = tmp_path / "raw" / "theory" / "solar_spectra"
    folder.mkdir(parents=True)
    (folder / "8B_bahcall1996.csv").write_text(SPECTRUM)
    (folder / "8B_winter2006.csv").write_text(SPECTRUM)
    (folder / "total_fluxes.csv").write_text(FLUXES)
    return folder


@pytest.fixture
def nuclei_raw(tmp_path: Path) -> Path:
    """Small copies of the raw nuclear tables; the folder that holds them."""
    folder = tmp_path / "raw" / "theory" / "nuclear"
    folder.mkdir(parents=True)
    (folder / "isotopes.csv").write_text(ISOTOPES)
    (folder / "nucleon_matrix_elements.csv").write_text(ELEMENTS)
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
def yields_raw(tmp_path: Path) -> Path:
    """Small copies of the raw yield tables; the folder that holds them."""
    folder = tmp_path / "raw" / "pandax4t_yields_2024"
    folder.mkdir(parents=True)
    for kind, column in (("qy", "e_per_keV"), ("ly", "photons_per_keV")):
        for run in ("run0", "run1"):
            text = f"E_nr_keV,{column}\n1.1,6.3\n2.0,6.2\n"
            (folder / f"pandax4t_{run}_nr_{kind}_below_10keV.csv").write_text(text)
    return folder


@dataclass
class WebServer:
    """Pages by path; ``failures`` is how many requests get status 503 before pages are served."""

    url: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    failures: int = 0
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
            self.wfile.write(page or b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        http.shutdown()
        thread.join(timeout=10)
