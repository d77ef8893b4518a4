"""Bounds of the priors of couplings that a caller gives, checked by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bayes_cevns.arguments import mapping, named, of_kind
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.named import full_name, known_names
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.checks import decimal, numbers
from bayes_cevns.physics.interactions import Interaction


def checked_couplings(
    interaction: Interaction | None,
    couplings: CouplingModel | None,
    prior: str,
    bounds: Mapping[str, tuple[float, float]] | None,
) -> dict[str, tuple[float, float]]:
    """Return bounds of couplings by name after checking that all of it fits together.

    Raises
    ------
    ArgumentError
        If there are an interaction and couplings, another prior than the flat one, bounds without
        couplings, or bounds that are not two increasing numbers.
    UnknownNameError
        If bounds are those of a coupling that is not free.
    """
    given = mapping(bounds, what="bounds by coupling, such as {'eps_ee_u': (-1.0, 1.0)}")
    if couplings is None:
        if given:
            raise ArgumentError("bounds are those of couplings: name some couplings")
        return {}
    of_kind(couplings, CouplingModel, what="couplings, as CouplingModel.of makes them")
    if interaction is not None:
        raise ArgumentError(
            f"either an interaction or couplings, got {interaction.name} and "
            f"{', '.join(couplings.names)}"
        )
    if prior != "flat":
        raise ArgumentError(f"the prior of several couplings is flat, got {shown(prior)}")
    found: dict[str, tuple[float, float]] = {}
    for key, ends in given.items():
        name = full_name(named(key, "free coupling", known_names(couplings.names)))
        if name in found:
            raise ArgumentError(f"bounds of {name} are given twice")
        found[name] = _increasing(name, ends)
    return found


def _increasing(name: str, ends: Any) -> tuple[float, float]:
    """Return two bounds after checking that they are two finite numbers that increase."""
    numbers(ends, what=f"the two bounds of {name}")
    pair = decimal(ends)
    if pair.shape != (2,):
        raise ArgumentError(f"expected two bounds of {name}, got {shown(ends)}")
    lower, upper = (float(end) for end in pair)
    if not (math.isfinite(lower) and math.isfinite(upper) and lower < upper):
        raise ArgumentError(f"bounds of {name} must increase, got {lower:g} and {upper:g}")
    return lower, upper
