"""Check that experiments are sensitive to each coupling, before time is spent on a fit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.table import CouplingTable
from bayes_cevns.errors import ArgumentError

#: Number of points at which the other couplings are held, besides the Standard Model; and the
#: values that the tested coupling takes there, as shares of its range.
_POINTS = 3
_PLACES = (0.11, 0.43, 0.87)

#: A change of a spectrum by less than this, relative to its largest value, is rounding.
_SEEN = 1e-9


def check_visible(tables: Sequence[CouplingTable], prior: BoxPrior, *, apart: bool = False) -> None:
    """Check that every coupling changes the expected counts of one experiment at least.

    Parameters
    ----------
    tables
        Tables of the experiments.
    prior
        The box of the couplings.
    apart
        Whether each coupling is free alone. Otherwise it may show only beside others, with which it
        interferes.

    Raises
    ------
    ArgumentError
        With the names of the couplings that change nothing.
    """
    hidden = unseen(tables, prior, apart=apart)
    if hidden:
        names = " + ".join(table.experiment.name for table in tables)
        whole = "" if apart else ", whatever the other couplings are"
        raise ArgumentError(
            f"{', '.join(hidden)}: no change in the expected counts of {names}{whole}, so that "
            "the posterior would be the prior: leave it out, or choose other experiments"
        )


def unseen(tables: Sequence[CouplingTable], prior: BoxPrior, *, apart: bool) -> tuple[str, ...]:
    """Return the names of the couplings that change no experiment, see `check_visible`."""
    return tuple(
        name
        for place, name in enumerate(prior.names)
        if not any(_sees(table, prior, place, apart=apart) for table in tables)
    )


def _sees(table: CouplingTable, prior: BoxPrior, place: int, *, apart: bool) -> bool:
    """Return whether the visible recoil spectra, at the first radius, change with a coupling."""
    rng = np.random.default_rng(1)
    around = [prior.standard]
    if not apart:
        span = prior.upper - prior.lower
        around += [prior.lower + span * rng.uniform(size=span.size) for _ in range(_POINTS)]
    for point in around:
        points = np.tile(point, (len(_PLACES), 1))
        low, high = prior.lower[place], prior.upper[place]
        points[:, place] = low + (high - low) * np.array(_PLACES)
        for spectra in table.spectra:
            counts = spectra.scales(points) @ (spectra.compressed[1][:, 0] * spectra.seen)
            if np.any(np.ptp(counts, axis=0) > _SEEN * np.abs(counts).max()):
                return True
    return False
