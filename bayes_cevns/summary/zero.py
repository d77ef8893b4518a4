"""Sentences for regions that do not reach zero coupling, which a limit alone would hide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.summary.bands import Band, excludes_zero

_MEANING = "this is a measurement, or a background that the model lacks, not an exclusion"


def zero_text(
    coupling: Coupling,
    ends: Sequence[tuple[float, float]],
    *,
    region: str,
    side: str,
    is_log: bool = False,
) -> str:
    """Return the sentence for a region that does not reach zero.

    Parameters
    ----------
    coupling
        What is quoted.
    ends
        Of the pieces of the region.
    region
        What it is called, such as ``"90% credible region"``.
    side
        Side of the limit that the region belongs to.
    is_log
        Whether the prior is a log prior: then the lower end of its range stands for zero.
    """
    pieces = " and ".join(f"[{low:.3g}, {high:.3g}]" for low, high in ends) + coupling.unit_text
    relation = {"positive": ">", "negative": "<"}.get(side)
    sign = "" if relation is None else f" of {coupling.amplitude} {relation} 0,"
    if is_log:
        found = f"the {region}{sign} {pieces} does not reach the lower end of the prior"
    else:
        found = f"{coupling.symbol} = 0 lies outside the {region}{sign} {pieces}"
    return f"{found}: {_MEANING}"


def zero_texts(
    regions: Mapping[str, Sequence[Band]], coupling: Coupling, level: float, *, is_log: bool
) -> list[str]:
    """Return a sentence for each side whose credible region does not reach zero.

    Parameters
    ----------
    regions
        Side of a limit -> its region (`bands_of_sides`).
    coupling, is_log
        As for `zero_text`.
    level
        Credible level of the regions.
    """
    return [
        zero_text(
            coupling,
            sorted((min(abs(b.low), abs(b.high)), max(abs(b.low), abs(b.high))) for b in bands),
            region=f"{100 * level:.4g}% credible region",
            side=side,
            is_log=is_log,
        )
        for side, bands in regions.items()
        if excludes_zero(bands)
    ]


def zero_at_masses_text(
    side: str, masses_mev: Sequence[float], coupling: Coupling, *, total: int, region: str
) -> str:
    """Return the sentence of a scan: at which masses a region does not reach zero.

    Parameters
    ----------
    side, coupling, region
        As for `zero_text`.
    masses_mev
        The masses at which it does not, one or more.
    total
        Number of masses of the scan.
    """
    relation = {"positive": ">", "negative": "<"}.get(side)
    sign = "" if relation is None else f" of {coupling.amplitude} {relation} 0"
    where = f"{masses_mev[0]:g} MeV"
    if len(masses_mev) > 1:
        where = f"between {masses_mev[0]:g} and {masses_mev[-1]:g} MeV"
    return (
        f"{coupling.symbol} = 0 lies outside the {region}{sign} at {len(masses_mev)} of {total} "
        f"masses ({where}): {_MEANING}"
    )
