"""The CENNS-10 argon release as one table: response, backgrounds and observed counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from bayes_cevns.releases import coherent_lar_templates as templates
from bayes_cevns.releases.coherent_lar_cubes import (
    EDGES_F90,
    EDGES_KEVEE,
    EDGES_US,
    read_cube,
    read_efficiency,
)
from bayes_cevns.releases.coherent_lar_reference import DOI, LICENCE, PAPER, REFERENCE, TITLE
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.netcdf import to_netcdf
from bayes_cevns.releases.product import Product

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

FOLDER = "coherent_lar_2020"
ORIGIN = f"from doi:{DOI}"
RUN = "cenns10"
#: ``fiducialMass``, 24.4 kg, times the one year over which the source spreads its protons.
EXPOSURE_TONNE_YEAR: Final = 24.4e-3

#: Signal -> recoil energies in keV. The square root of the energy goes in equal steps of 0.25,
#: half the resolution; the last is above the highest recoil of 36Ar, the lightest isotope.
RECOIL_ENERGIES_KEV: Final = {
    "prompt": np.arange(1.0, 7.51, 0.25) ** 2,
    "delayed": np.arange(1.0, 13.01, 0.25) ** 2,
}


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the raw release.

    Raises
    ------
    DataError
        If an input is missing, damaged, or does not fit the others.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    variables = {**_signals(raw), **_backgrounds(raw)}
    inputs = raw.digests()
    content = to_netcdf(_dataset(variables), inputs)
    return Product(files={"response.nc": content, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def _signals(raw: RawFolder) -> dict[str, Array]:
    """Return the responses, (recoil_energy, f90, timing, bin), and the release's own CEvNS."""
    nominal, plus, minus = (
        read_cube(raw, f"cevnspdf{name}.txt") for name in ("", "+1sigF90", "-1sigF90")
    )
    shapes = templates.f90_shapes(nominal, plus=plus, minus=minus)
    efficiency = read_efficiency(raw)
    responses = {
        f"response_{signal}": templates.response(
            energies,
            efficiency=efficiency,
            f90_shapes=shapes,
            times=templates.signal_times(signal),
        )
        for signal, energies in RECOIL_ENERGIES_KEV.items()
    }
    late = read_cube(raw, "cevnspdfCEvNSTimingMeanSyst.txt")
    released = {"released_cevns": nominal.ravel(), "released_cevns_late": late.ravel()}
    return {**responses, **released}


def _backgrounds(raw: RawFolder) -> dict[str, Array]:
    """Return the backgrounds in counts, and the observed counts."""
    nominal = read_cube(raw, "brnpdf.txt")
    energy = templates.neutron_energies(
        nominal,
        plus=read_cube(raw, "brnpdf+1sigEnergy.txt"),
        minus=read_cube(raw, "brnpdf-1sigEnergy.txt"),
    )
    time = templates.neutron_times(
        nominal,
        later=read_cube(raw, "brnpdf+1sigBRNTimingMean.txt"),
        earlier=read_cube(raw, "brnpdf-1sigBRNTimingMean.txt"),
        narrower=read_cube(raw, "brnpdfBRNTimingWidthSyst.txt"),
    )
    observed = read_cube(raw, "datanobkgsub.txt")
    if np.any(observed != np.round(observed)):
        raise raw.error("datanobkgsub.txt", "expected whole counts")
    return {
        "brn": templates.neutrons(energy, time, counts=float(nominal.sum())),
        "delayed_brn": read_cube(raw, "delbrnpdf.txt").ravel(),
        "steady_state": read_cube(raw, "bkgpdf.txt").ravel(),
        "observed": observed.ravel(),
    }


def _dataset(variables: dict[str, Array]) -> xr.Dataset:
    """Name, type and annotate the arrays; all have one run."""
    import xarray as xr

    def variable(name: str, dims: tuple[str, ...], units: str, what: str) -> xr.Variable:
        values = variables[name][..., None, :]
        return xr.Variable((*dims, "run", "bin"), values, {"units": units, "long_name": what})

    neutron_axes = ("brn_energy", "brn_time", "brn_width")
    data = {
        **{
            f"response_{signal}": variable(
                f"response_{signal}",
                (f"recoil_energy_{signal}", "f90", "timing"),
                "1",
                f"probability to detect a recoil of {signal} neutrinos in a bin",
            ).astype(np.float32)
            for signal in RECOIL_ENERGIES_KEV
        },
        "brn": variable("brn", neutron_axes, "counts", "prompt beam-related neutrons").astype(
            np.float32
        ),
        "delayed_brn": variable("delayed_brn", (), "counts", "delayed beam-related neutrons"),
        "steady_state": variable("steady_state", (), "counts", "steady-state background"),
        "released_cevns": variable("released_cevns", (), "counts", "CEvNS of the release"),
        "released_cevns_late": variable(
            "released_cevns_late", (), "counts", "CEvNS of the release, protons 1 sigma later"
        ),
        "observed": variable("observed", (), "1", "observed events").astype(np.int32),
        "exposure": xr.Variable(
            "run", [EXPOSURE_TONNE_YEAR], {"units": "t yr", "long_name": "exposure"}
        ),
        "edges_kevee": xr.Variable("edge_kevee", EDGES_KEVEE, {"units": "keV"}),
        "edges_f90": xr.Variable("edge_f90", EDGES_F90, {"units": "1"}),
        "edges_us": xr.Variable("edge_us", EDGES_US, {"units": "us"}),
    }
    attributes = {
        "title": TITLE,
        "doi": DOI,
        "licence": LICENCE,
        "paper": PAPER,
    }
    return xr.Dataset(data, coords=_coordinates(), attrs=attributes)


def _coordinates() -> dict[str, xr.Variable]:
    """Return recoil energies, shape axes in standard deviations, run and bin."""
    import xarray as xr

    recoils = {
        f"recoil_energy_{signal}": xr.Variable(
            f"recoil_energy_{signal}",
            energies,
            {"units": "keV", "long_name": "nuclear recoil energy"},
        )
        for signal, energies in RECOIL_ENERGIES_KEV.items()
    }
    axes = {
        name: xr.Variable(name, np.array(pulls), {"units": "1", "long_name": what})
        for name, (pulls, what) in templates.AXES.items()
    }
    bins = (EDGES_KEVEE.size - 1) * (EDGES_F90.size - 1) * (EDGES_US.size - 1)
    return {
        "run": xr.Variable("run", np.array([RUN], dtype=object), {"long_name": "run"}),
        "bin": xr.Variable("bin", np.arange(bins, dtype=np.int32), {"long_name": "bin"}),
        **recoils,
        **axes,
    }
