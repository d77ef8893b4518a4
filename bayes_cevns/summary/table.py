"""A fit in words: every parameter, the limits and the allowed bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bayes_cevns.specification.variables import COORDINATE
from bayes_cevns.summary.bands import bands, bands_of_sides
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import Limit, limits
from bayes_cevns.summary.zero import zero_texts

_ONE_SIGMA = (0.158655, 0.5, 0.841345)


def summary_text(
    fit: Fit, level: float, prior_ratios: Mapping[str, Sequence[float]] | None = None
) -> str:
    """Return a plain-text summary.

    Parameters
    ----------
    fit
        A fit.
    level
        Credible level of limits and bands.
    prior_ratios
        Name of another prior -> each limit with it, over the limit itself (`prior_ratios`); NaN
        where it is not known.

    Returns
    -------
    str
        Medians with their central 68% intervals, then limits, bands and fit quality.
    """
    lines = ["parameter: median, central 68% interval"]
    draws = fit.draws().drop_vars([COORDINATE], errors="ignore")
    for name, variable in draws.data_vars.items():
        values = variable.transpose(..., "chain", "draw").values
        labels = (
            [""]
            if values.ndim == 2
            else [f"[{i}]" for i in variable.coords[variable.dims[-1]].values]
        )
        for label, part in zip(labels, values.reshape(-1, *values.shape[-2:]), strict=True):
            low, middle, high = np.quantile(part, _ONE_SIGMA)
            lines.append(f"  {name}{label}: {middle:.4g} +{high - middle:.3g} -{middle - low:.3g}")
    if fit.prior is not None:
        percent = f"{100 * level:.4g}% credible"
        lines.append(f"prior: {fit.prior.range_text}")
        coupling = fit.prior.coupling
        symbol, unit = coupling.symbol, coupling.unit_text
        region = coupling.signed_symbol if fit.prior.signed else symbol
        for place, limit in enumerate(limits(fit, level)):
            lines.append(
                f"{percent} limit ({limit.side}): {symbol} < {limit.value:.4g}{unit} "
                f"(Monte-Carlo error {limit.mc_error:.1g})"
            )
            lines += [
                f"  with the prior {kind}: {_times(ratios[place])}"
                for kind, ratios in (prior_ratios or {}).items()
                if kind != fit.prior.kind
            ]
            lines += bound_notes(limit)
        lines += [
            f"{percent} region: {band.low:.4g} < {region} < {band.high:.4g}{unit} "
            f"(probability {band.probability:.3f})"
            for band in bands(fit, level)
        ]
        regions = bands_of_sides(fit, level)
        lines += zero_texts(regions, coupling, level, is_log=fit.prior.kind == "log")
    quality = fit.quality
    lines.append(
        f"R-hat {float(quality['rhat'].max()):.4f}, ESS {float(quality['ess_bulk'].min()):.0f} "
        f"(bulk), {float(quality['ess_tail'].min()):.0f} (tail), "
        f"{int(quality['divergences'].sum())} divergences"
    )
    return "\n".join(lines)


def _times(ratio: float) -> str:
    return f"{ratio:.3f} times as much" if np.isfinite(ratio) else "not known from these draws"


def bound_notes(limit: Limit) -> list[str]:
    """Return what is to be said of a limit that depends on where the prior ends."""
    notes = []
    low, high = limit.ends.low, limit.ends.high
    if low.kind == "range":
        notes.append(
            f"  the density does not vanish at the prior's lower bound {low.bound:.4g}: "
            "the limit depends on it; compare other priors"
        )
    if high.kind == "range":
        notes.append(
            f"  open: the density does not vanish at the prior's bound {high.bound:.4g}, "
            "and the limit is not of the data alone; wider: max_coupling (--max-coupling)"
        )
    return notes
