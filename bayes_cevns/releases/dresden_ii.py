"""Dresden-II as one table: spectrum, response for two quenching factors, background shapes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.detectors import (
    ConstantQuenching,
    DetectorResponse,
    Quenching,
    TabulatedQuenching,
    response_table,
)
from bayes_cevns.releases.columns import read_rows
from bayes_cevns.releases.dresden_ii_reference import LICENCE, PAPER, REFERENCE, TITLE
from bayes_cevns.releases.germanium import PAIR_ENERGY_KEV, resolution, sigma_kev
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.netcdf import to_netcdf
from bayes_cevns.releases.product import Product
from bayes_cevns.tables.shape_axes import ShapeAxis

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    type Array = NDArray[np.float64]

FOLDER = "dresden_ii_2022"
ORIGIN = "from the ancillary files of https://arxiv.org/abs/2202.09672"
SPECTRUM, QUENCHING = "data_release.txt", "QF_Fef_YBe.txt"

#: arXiv:2202.09672: active mass, and the days with the reactor on and off.
MASS_TONNE, ON_DAYS, OFF_DAYS = 2.924e-3, 96.4, 25.0
_DAYS_PER_YEAR = 365.25
#: Edges of the 130 bins of 10 eV, whose centres are in the release.
EDGES_KEV = np.linspace(0.2, 1.5, 131)

#: Electronic noise in keV, nominal (arXiv:2202.09672) and tabulated.
NOISE_KEV = 0.0685
NOISE_NODES_KEV = (0.0625, 0.0655, 0.0685, 0.0715, 0.0745)
#: Standard deviations of the quenching factor, each 5% of it at all energies.
QUENCHING_PULLS, QUENCHING_STEP = (-3.0, -1.5, 0.0, 1.5, 3.0), 0.05
#: Highest recoil energy of the quenching tables that is used, and the distance of nodes. Halving
#: the distance moves no bin by more than 0.1%.
HIGHEST_RECOIL_KEV, RECOIL_STEP_KEV = 4.49, 0.08
#: Electronic recoils above this do not reach the last bin: 7 sigma.
HIGHEST_ELECTRON_KEV, ELECTRON_STEP_KEV = 2.0, 0.03
#: Probabilities below are written as zero, which makes the table small.
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class Background:
    """Shapes of the background, after arXiv:2202.09672 and 2202.10829.

    Attributes
    ----------
    epithermal_per_day, slope_per_kev, slopes_per_kev
        Epithermal neutrons: events a day and bin at 0.2 keV, N exp(-slope (E - 0.2 keV)), nominal
        and tabulated slopes.
    constant_per_day
        Events a day and bin.
    l_per_day, l_energies_kev, l_widths_kev
        L1-shell capture in 71Ge: events a day, tabulated energies and widths.
    l2_energy_kev, l2_ratio
        L2 shell: energy, and events per event of L1.
    m_energy_kev, m_ratio
        M1 shell: energy, and events per event of L1.
    """

    epithermal_per_day: float = 65.0
    slopes_per_kev: tuple[float, ...] = tuple(np.linspace(2.0, 8.0, 13).tolist())
    constant_per_day: float = 14.0
    l_per_day: float = 1474.0
    l_energies_kev: tuple[float, ...] = (1.288, 1.290, 1.292, 1.294, 1.296)
    l_widths_kev: tuple[float, ...] = (0.066, 0.068, 0.070, 0.072, 0.074)
    l2_energy_kev: float = 1.142
    l2_ratio: float = 0.008
    m_energy_kev: float = 0.158
    m_ratio: float = 0.16

    def epithermal(self) -> Array:
        """Return events a day, shape (slope, bin), integrated over the bins."""
        slope = np.array(self.slopes_per_kev)[:, None]
        decay = np.exp(-slope * (EDGES_KEV - EDGES_KEV[0]))
        width = np.diff(EDGES_KEV)
        mean = (decay[:, :-1] - decay[:, 1:]) / (slope * width)
        return np.asarray(self.epithermal_per_day * mean)

    def constant(self) -> Array:
        """Return events a day, shape (bin,)."""
        return np.full(EDGES_KEV.size - 1, self.constant_per_day)

    def l_shell(self) -> Array:
        """Return events a day of L1 and L2, shape (energy, width, bin)."""
        widths = np.array(self.l_widths_kev)
        first = _gaussian(np.array(self.l_energies_kev)[:, None], widths)
        second = _gaussian(self.l2_energy_kev, widths)
        return self.l_per_day * (first + self.l2_ratio * second)

    def m_shell(self) -> Array:
        """Return events a day, shape (noise, bin)."""
        mean = np.array(self.m_energy_kev)
        widths = np.array([sigma_kev(mean, noise) for noise in NOISE_NODES_KEV])
        return self.m_ratio * self.l_per_day * _gaussian(mean, widths)


BACKGROUND = Background()


def build(releases_dir: Path) -> Product:
    """Build ``response.nc`` and its reference from the raw release.

    Raises
    ------
    DataError
        If an input is missing, damaged, or has other bins than expected.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    spectrum = _spectrum(raw)
    rows = np.array(
        read_rows(raw, QUENCHING, columns=3, what="energy, Fef factor, YBe factor", separator=None)
    )
    inputs = raw.digests()
    content = to_netcdf(_dataset(spectrum, rows), inputs)
    return Product(files={"response.nc": content, "REFERENCE": REFERENCE.encode()}, inputs=inputs)


def _spectrum(raw: RawFolder) -> Array:
    """Return events a day and their errors, on then off, shape (4, bin)."""
    rows = np.array(
        read_rows(raw, SPECTRUM, columns=5, what="energy, on, error, off, error", separator=None)
    )
    centres = 0.5 * (EDGES_KEV[:-1] + EDGES_KEV[1:])
    if rows.shape[0] != centres.size or not np.allclose(rows[:, 0], centres, atol=1e-6):
        raise raw.error(SPECTRUM, "expected 130 bins centred at 0.205, 0.215, ... 1.495 keV")
    if np.any(rows[:, [2, 4]] == 0):
        raise raw.error(SPECTRUM, "expected errors > 0")
    return np.asarray(rows[:, 1:].T)


def quenching(energy_kev: Array, factor: Array, pull: float = 0.0) -> TabulatedQuenching:
    """Return a quenching factor of the release, moved by standard deviations of 5%."""
    return TabulatedQuenching(energy_kev, factor * (1.0 + QUENCHING_STEP * pull))


def recoil_nodes_kev(energy_kev: Array, factor: Array) -> Array:
    """Return recoil energies for the response, from where one electron-hole pair is made."""
    lowest = float(np.interp(PAIR_ENERGY_KEV, energy_kev * factor, energy_kev))
    fine = np.geomspace(lowest, RECOIL_STEP_KEV, 6)
    even = np.arange(2, HIGHEST_RECOIL_KEV / RECOIL_STEP_KEV - 0.5) * RECOIL_STEP_KEV
    return np.concatenate([fine, even, [HIGHEST_RECOIL_KEV]])


def _nuclear_response(energy_kev: Array, factor: Array) -> tuple[Array, Array]:
    """Return nodes, and the response of shape (node, quenching, noise, run, bin)."""
    table = response_table(
        recoil_nodes_kev(energy_kev, factor),
        lambda at: _detector(quenching(energy_kev, factor, at["quenching"]), at["noise"]),
        [ShapeAxis("quenching", QUENCHING_PULLS), ShapeAxis("noise", NOISE_NODES_KEV)],
    )
    return table.recoil_energy_kev, _written(table.values)


def _electron_response() -> tuple[Array, Array]:
    """Return nodes, and the response of shape (node, noise, run, bin)."""
    low = PAIR_ENERGY_KEV
    even = np.arange(ELECTRON_STEP_KEV, HIGHEST_ELECTRON_KEV, ELECTRON_STEP_KEV)
    nodes = np.concatenate([[low, 3 * low], even])
    table = response_table(
        nodes,
        lambda at: _detector(ConstantQuenching(1.0), at["noise"]),
        [ShapeAxis("noise", NOISE_NODES_KEV)],
    )
    return nodes, _written(table.values)


def _detector(seen: Quenching, noise_kev: float) -> DetectorResponse:
    return DetectorResponse(EDGES_KEV, seen, resolution=resolution(noise_kev))


def _written(values: Array) -> Array:
    """Return probabilities with a dimension for the run, tiny ones as zero."""
    return np.where(values < _NEGLIGIBLE, 0.0, values)[..., None, :]


def _gaussian(mean: Array | float, width: Array) -> Array:
    """Return the parts of a normal distribution in the bins, shape (..., bin)."""
    from scipy.special import ndtr

    below = ndtr((EDGES_KEV - np.asarray(mean)[..., None]) / width[..., None])
    return np.asarray(np.diff(below))


def _dataset(spectrum: Array, rows: Array) -> xr.Dataset:
    """Name, type and annotate the arrays."""
    import xarray as xr

    def counts(dims: tuple[str, ...], values: Array, what: str) -> xr.Variable:
        return xr.Variable(dims, values, {"units": "counts", "long_name": what})

    on, on_error, off, off_error = spectrum
    shapes = BACKGROUND
    data = {
        "observed": counts(("run", "bin"), ON_DAYS * on[None], "events, reactor on"),
        "sigma": counts(("run", "bin"), ON_DAYS * on_error[None], "error of `observed`"),
        "off": counts(("bin",), OFF_DAYS * off, "events, reactor off"),
        "off_sigma": counts(("bin",), OFF_DAYS * off_error, "error of `off`"),
        "epithermal": counts(
            ("epithermal_slope", "run", "bin"),
            ON_DAYS * shapes.epithermal()[:, None],
            "epithermal neutrons",
        ),
        "constant": counts(("run", "bin"), ON_DAYS * shapes.constant()[None], "constant"),
        "l_shell": counts(
            ("l_energy", "l_width", "run", "bin"),
            ON_DAYS * shapes.l_shell()[:, :, None],
            "electron capture from the L1 and L2 shells",
        ),
        "m_shell": counts(
            ("noise", "run", "bin"),
            ON_DAYS * shapes.m_shell()[:, None],
            "electron capture from the M1 shell",
        ),
        "exposure": xr.Variable(
            "run",
            np.array([MASS_TONNE * ON_DAYS / _DAYS_PER_YEAR]),
            {"units": "t yr", "long_name": "exposure, reactor on"},
        ),
        "edges_energy": xr.Variable(
            "edge", EDGES_KEV, {"units": "keV", "long_name": "bin edges of ionisation energy"}
        ),
    }
    signals, nodes = _signals(rows)
    coordinates = {
        "run": xr.Variable("run", np.array(["on"], dtype=object), {"long_name": "run"}),
        "bin": xr.Variable("bin", np.arange(EDGES_KEV.size - 1, dtype=np.int32)),
        **nodes,
        **{name: _axis(name, *spec) for name, spec in _axes().items()},
    }
    attributes = {
        "title": TITLE,
        "licence": LICENCE,
        "paper": PAPER,
    }
    return xr.Dataset({**signals, **data}, coords=coordinates, attrs=attributes)


def _signals(rows: Array) -> tuple[dict[str, xr.Variable], dict[str, xr.Variable]]:
    """Return responses and quenching factors, and their recoil energies, by name."""
    import xarray as xr

    axes = ("quenching", "noise", "run", "bin")
    tables = {
        "fef": (axes, *_nuclear_response(rows[:, 0], rows[:, 1]), "a nuclear recoil, Fef"),
        "ybe": (axes, *_nuclear_response(rows[:, 0], rows[:, 2]), "a nuclear recoil, YBe"),
        "electron": (axes[1:], *_electron_response(), "an electronic recoil"),
    }
    found, nodes = {}, {}
    for name, (dims, energy, values, what) in tables.items():
        dim = f"recoil_energy_{name}"
        nodes[dim] = xr.Variable(dim, energy, {"units": "keV", "long_name": f"energy of {what}"})
        attributes = {"units": "1", "long_name": f"probability to observe {what}, in a bin"}
        variable = xr.Variable((dim, *dims), values, attributes)
        found[f"response_{name}"] = variable.astype(np.float32)
    for column, name in ((1, "fef"), (2, "ybe")):
        dim = f"recoil_energy_{name}"
        factor = np.interp(nodes[dim].values, rows[:, 0], rows[:, column])
        attributes = {"units": "1", "long_name": f"quenching factor, {name.capitalize()}"}
        found[f"quenching_factor_{name}"] = xr.Variable(dim, factor, attributes)
    return found, nodes


def _axes() -> dict[str, tuple[tuple[float, ...], str, str]]:
    return {
        "quenching": (QUENCHING_PULLS, "1", "pull of the quenching factor"),
        "noise": (NOISE_NODES_KEV, "keV", "electronic noise"),
        "epithermal_slope": (BACKGROUND.slopes_per_kev, "1/keV", "slope of epithermal neutrons"),
        "l_energy": (BACKGROUND.l_energies_kev, "keV", "energy of the L1 shell"),
        "l_width": (BACKGROUND.l_widths_kev, "keV", "width of the L1 shell"),
    }


def _axis(name: str, nodes: tuple[float, ...], units: str, what: str) -> xr.Variable:
    import xarray as xr

    return xr.Variable(name, np.array(nodes), {"units": units, "long_name": what})
