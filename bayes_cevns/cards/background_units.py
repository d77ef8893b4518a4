"""A check that a background is in the unit that its table states."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import xarray as xr

from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.cards.table_file import at_nominal_nodes
from bayes_cevns.errors import UnitWarning

if TYPE_CHECKING:
    from bayes_cevns.cards.experiment import Experiment, Template

#: Unit of a background -> whether it is to be multiplied by the exposure.
BACKGROUND_UNITS = {"1/(t yr)": True, "counts": False}

#: In standard deviations of a Poisson count: observed counts that are further away than the first
#: number contradict one reading of a background; those nearer than the second agree with the other.
_CONTRADICTS, _AGREES = 5.0, 3.0
#: A background in its other unit explains observed counts if it makes this share of them or more.
_MATTERS = 0.1


def warn_of_units(experiment: Experiment, units: Mapping[str, str]) -> None:
    """Warn of a background that agrees with the observed counts only in its other unit.

    A background is a rate or a number of counts. xarray keeps attributes through arithmetic, so
    that a rate that was multiplied by the exposure may still say that it is a rate.

    Parameters
    ----------
    experiment
        An experiment; those without observed counts, or with a normal likelihood, are not checked.
    units
        Unit in the table of each background.

    Warns
    -----
    UnitWarning
        With the counts in both readings, and those observed. All are totals at nominal nuisances.
    """
    if experiment.data != "observed" or not experiment.likelihood.counts_events:
        return
    observed = float(experiment.observed.sum())
    expected = {p.name: float(_nominal(experiment, p).sum()) for p in experiment.backgrounds}
    total = sum(expected.values())
    if _deviation(observed, total) < _CONTRADICTS:
        return
    total += float(RateTable(experiment, None).nominal()[0])
    if _deviation(observed, total) < _CONTRADICTS:
        return
    for part in experiment.backgrounds:
        exposure = experiment.exposure_tonne_year
        counts = _nominal(experiment, part)
        is_rate = BACKGROUND_UNITS[units[part.name]]
        other = float((counts / exposure if is_rate else counts * exposure).sum())
        # A background that nearly vanishes would agree with any deficit.
        matters = other > max(1.0, _MATTERS * observed)
        if matters and _deviation(observed, total - expected[part.name] + other) < _AGREES:
            unit = next(unit for unit in BACKGROUND_UNITS if unit != units[part.name])
            warnings.warn(
                f"{experiment.name}, background {part.name}: in its unit, {units[part.name]!r}, it "
                f"makes {expected[part.name]:.3g} of {total:.3g} expected counts, but {observed:g} "
                f"are observed; in {unit!r} it would make {other:.3g}, and all would agree: was "
                "the unit kept through a multiplication or division by the exposure?",
                UnitWarning,
                stacklevel=3,
            )


def _nominal(experiment: Experiment, part: Template) -> xr.DataArray:
    """Return a background at nominal nuisances, dims (run)."""
    card = experiment.card
    scale = math.prod(card.nuisance[name].nominal for name in part.scaled_by)
    return scale * at_nominal_nodes(card, part.values.sum("bin"))


def _deviation(observed: float, expected: float) -> float:
    return abs(observed - expected) / math.sqrt(max(observed, expected, 1.0))
