"""What the browser of limits draws: committed and published limits as one file of data.

It is a script and no JSON, since a page that was opened from a disk may not fetch files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from committed_limits import LEVEL, SETS, Limit, committed, curves
from page_text import write

import bayes_cevns as bc

if TYPE_CHECKING:
    from sphinx.application import Sphinx

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
    }


def _curve(key: tuple[str, str, str, str, str], limits: list[Limit]) -> dict[str, Any]:
    experiments, interaction, kind, prior, side = key
    return {
        "experiments": experiments,
        "interaction": interaction,
        "kind": kind,
        "prior": prior,
        "side": side,
        "mass": [limit.mass_mev for limit in limits],
        "limit": [limit.value for limit in limits],
        "error": [limit.mc_error for limit in limits],
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
        return {"title": " + ".join(SETS[name]), "projected": False, "marks": ""}
    experiment = bc.experiment(name)
    return {
        "title": experiment.card.title,
        "projected": experiment.data == "none",
        "marks": experiment.card.marks.strip(),
    }
