"""PandaX-4T's search for solar 8B as two counting experiments: paired, and ionisation only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bayes_cevns.releases.columns import read_rows
from bayes_cevns.releases.counting import CountingTable, Response
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.pandax4t_8b_reference import (
    ATTRIBUTES,
    BACKGROUND_EVENTS,
    EXPOSURE_TONNE_YEAR,
    OBSERVED_EVENTS,
    REFERENCE,
    SM_EVENTS,
    US2_ELECTRONS,
    US2_FIELD_V_PER_CM,
    US2_ROI_KEV,
    US2_YIELD_WIDTH,
)
from bayes_cevns.releases.product import Product

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    type Array = NDArray[np.float64]

FOLDER = "lz_pandax_digitised/pandaX"
PAIRED = "pandaX.csv"
ORIGIN = "from github.com/SNuDD/SNuDD, snudd/data/exps/pandaX"
RUN = "run0+run1"

#: Values of the charge-yield parameter of the ionisation-only search, in standard deviations.
PULLS = (-3, -2, -1, 0, 1, 2, 3)
STEP_KEV = 0.05


def build(releases_dir: Path) -> Product:
    """Build ``paired.nc``, ``us2.nc`` and their reference.

    The efficiencies are normalised to published numbers of events with the 8B spectrum and the
    cross sections of this package.

    Raises
    ------
    DataError
        If the digitised efficiency is missing or damaged.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    energy, digitised = _digitised(raw)
    paired = Response(
        "response",
        energy,
        normalised(energy, digitised, search="paired"),
        "probability to select a nuclear recoil",
    )
    inputs = raw.digests()
    files = {
        "paired.nc": _table("paired", paired).netcdf(inputs),
        "us2.nc": _table("us2", _us2_response()).netcdf({}),
        "REFERENCE": REFERENCE.encode(),
    }
    return Product(files=files, inputs=inputs)


def _table(search: str, response: Response) -> CountingTable:
    return CountingTable(
        run=RUN,
        exposure_tonne_year=EXPOSURE_TONNE_YEAR[search],
        responses=[response],
        backgrounds={"background": (BACKGROUND_EVENTS[search], "expected background")},
        observed=OBSERVED_EVENTS[search],
        attributes=ATTRIBUTES,
    )


def us2_shape(recoil_energy_kev: ArrayLike, *, pull: float = 0.0) -> Array:
    """Return the probability that a recoil makes as many electrons as the search accepts.

    Parameters
    ----------
    recoil_energy_kev
        Nuclear recoil energies in keV, > 0, any shape.
    pull
        Charge yield in standard deviations from NEST's.

    Returns
    -------
    ndarray
        Sum over n = 4 to 8 of the Poisson probability of n electrons with the mean T Q_y(T), shape
        of the energies.
    """
    from scipy.stats import poisson

    from bayes_cevns.detectors.yields import nest_nuclear_yields

    recoil = np.asarray(recoil_energy_kev, dtype=float)
    nest = nest_nuclear_yields(field_v_per_cm=US2_FIELD_V_PER_CM)
    mean = recoil * nest.charge_per_kev(recoil) * (1.0 + US2_YIELD_WIDTH * pull)
    fewest, most = US2_ELECTRONS
    return np.asarray(poisson.cdf(most, mean) - poisson.cdf(fewest - 1, mean))


def _us2_response() -> Response:
    low, high = US2_ROI_KEV
    energy = np.linspace(low, high, 1 + round((high - low) / STEP_KEV))
    shapes = [normalised(energy, us2_shape(energy, pull=pull), search="us2") for pull in PULLS]
    return Response(
        "response",
        energy,
        np.stack(shapes, axis=-1),
        "effective probability to select a nuclear recoil",
        axes={"us2_yield": PULLS},
    )


def normalised(energy_kev: Array, shape: Array, *, search: str) -> Array:
    """Scale an efficiency so that the Standard Model gives the published number of events.

    Parameters
    ----------
    energy_kev
        Recoil energies in keV, shape (n,).
    shape
        The efficiency at these energies up to a factor, shape (n,).
    search
        ``"paired"`` or ``"us2"``.
    """
    from bayes_cevns.physics.nuclei import target
    from bayes_cevns.rates import build_rate
    from bayes_cevns.sources import source
    from bayes_cevns.tables.quadrature import RecoilQuadrature

    quadrature = RecoilQuadrature.on_nodes(energy_kev)
    rate = build_rate("cevns", source=source("solar_8b"), target=target("Xe"), interaction=None)
    per_tonne_year = quadrature.weights(rate.total(quadrature.points_kev)) @ shape
    events = EXPOSURE_TONNE_YEAR[search] * float(per_tonne_year)
    return np.asarray(SM_EVENTS[search] / events * shape)


def _digitised(raw: RawFolder) -> tuple[Array, Array]:
    """Return recoil energies in keV and the digitised paired efficiency, shape (n,)."""
    rows = read_rows(raw, PAIRED, columns=2, what="energy, efficiency")
    energy, efficiency = np.array(rows).T
    if energy.size < 4 or energy[0] <= 0 or efficiency.max() > 1:
        raise raw.error(PAIRED, "expected four or more energies > 0 keV and efficiencies <= 1")
    return energy, efficiency
