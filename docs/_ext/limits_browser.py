"""What the browser of limits draws: committed and published limits as one file of data.

It is a script and no JSON, since a page that was opened from a disk may not fetch files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from committed_limits import LEVEL, SETS, Limit, committed, curves, gaps
from page_text import write

import bayes_cevns as bc

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from bayes_cevns.published.limit import PublishedLimit

#: Masses in MeV beyond which published limits are not drawn: those of the committed ones.
_MASSES_MEV = (0.05, 2000.0)

FOLDER = Path("docs") / "_generated" / "static"
FILE = "limits_data.js"


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the data before static files are copied."""
    app.connect("builder-inited", write_data)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_data(app: Sphinx) -> None:
    """Write the data beside the other static files."""
    folder = Path(app.srcdir) / FOLDER
    write(folder / FILE, f"window.LIMITS = {json.dumps(data(), separators=(',', ':'))};\n")


def data() -> dict[str, Any]:
    """Return everything that the page needs, as plain values.

    Returns
    -------
    dict
        ``level``; ``interactions`` and ``experiments`` by name with their words; ``curves`` with
        parallel lists of masses in MeV, limits and Monte-Carlo errors.
    """
    found = [_curve(key, limits) for key, limits in curves(committed()).items()]
    names = dict.fromkeys(str(curve["experiments"]) for curve in found)
    used = dict.fromkeys(str(curve["interaction"]) for curve in found)
    return {
        "level": LEVEL,
        "version": bc.__version__,
        "interactions": {name: _interaction(name) for name in used},
        "experiments": {name: _experiment(name) for name in names},
        "curves": found,
        "published": [one for name in used for one in _published(name)],
    }


def _curve(key: tuple[str, str, str, str, str], limits: list[Limit]) -> dict[str, Any]:
    experiments, interaction, kind, prior, side = key
    points = [(one.mass_mev, one.value, one.mc_error) for one in limits]
    # A fit that failed is a gap: a line must not join its neighbours.
    points += [(one.mass_mev, None, None) for one in gaps() if one.cuts(key)]
    points.sort(key=lambda point: point[0] or 0.0)
    return {
        "experiments": experiments,
        "interaction": interaction,
        "kind": kind,
        "prior": prior,
        "side": side,
        "mass": [mass for mass, _, _ in points],
        "limit": [value for _, value, _ in points],
        "error": [error for _, _, error in points],
    }


def _interaction(name: str) -> dict[str, Any]:
    entry = bc.interaction(name)
    return {
        "symbol": entry.coupling.symbol,
        "unit": "" if entry.coupling.unit == "1" else entry.coupling.unit,
        "definition": entry.coupling.definition,
        "amplitude": entry.coupling.amplitude,
        "mass": entry.axis.name if entry.has_mass else "",
    }


def _experiment(name: str) -> dict[str, Any]:
    """Return what is said of experiments; of a joint fit, which they are."""
    if name in SETS:
        return {"title": " + ".join(SETS[name]), "projected": False, "marks": "", "joint": True}
    experiment = bc.experiment(name)
    return {
        "title": experiment.card.title,
        "projected": experiment.data == "none",
        "marks": experiment.card.marks.strip(),
        "joint": False,
    }


def _published(interaction: str) -> list[dict[str, Any]]:
    """Return the published limits on the coupling of an interaction, where that is exact."""
    found = []
    for limit in bc.published_limits(interaction):
        low, high = _MASSES_MEV
        inside = np.isnan(limit.mass_mev) | ((limit.mass_mev >= low) & (limit.mass_mev <= high))
        if np.isfinite(limit.mass_mev[inside]).any():
            found.append(_published_curve(interaction, limit, inside))
    return found


def _published_curve(interaction: str, limit: PublishedLimit, inside: Any) -> dict[str, Any]:
    said = limit.statement or "confidence: see the paper"
    return {
        "interaction": interaction,
        "name": limit.name.partition(".")[2],
        "title": limit.title,
        "kind": "published",
        "level": said,
        "prior": "",
        "side": limit.side,
        "neutrinos": bool(limit.process),
        "about": f"{said}; {limit.reference}",
        "reference": limit.reference,
        "licence": limit.licence,
        "mass": _plain(limit.mass_mev[inside]),
        "limit": _plain(limit.lower[inside]),
        "upper": _plain(limit.upper[inside]),
    }


def _plain(values: Any) -> list[float | None]:
    """Return numbers with four digits for JSON, which has no NaN and no infinity."""
    return [float(f"{value:.4g}") if np.isfinite(value) else None for value in values]
