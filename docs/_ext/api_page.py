"""The list of all public names, by what they are for: one page each, from their docstrings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from page_text import write

import bayes_cevns as bc

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FILE = Path("docs") / "_generated" / "api.rst"

#: Folder of the package -> heading; what is in others stands under `_OTHERS`.
_HEADINGS = {
    "cards": "Experiments",
    "studies": "Studies: what can be asked for",
    "summary": "Posteriors and limits",
    "figures": "Figures",
    "specification": "Counts, data and citations",
    "model": "The model",
    "couplings": "The model",
    "inference": "Sampling",
    "physics": "Physics",
    "sources": "Physics",
    "rates": "Physics",
    "published": "Published limits",
    "progress": "Studies: what can be asked for",
}
_OTHERS = "Reports, exports and likelihoods for others"


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the list before autosummary reads it."""
    app.connect("builder-inited", write_list, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_list(app: Sphinx) -> None:
    """Write the list of names, a table for each heading."""
    groups: dict[str, list[str]] = {heading: [] for heading in _HEADINGS.values()}
    for name in sorted(bc.__all__, key=str.lower):
        if not name.startswith("__"):
            folder = getattr(bc, name).__module__.split(".")[1]
            groups.setdefault(_HEADINGS.get(folder, _OTHERS), []).append(name)
    parts = [
        "API",
        "===",
        "",
        "``import bayes_cevns as bc`` has all of it, and loads what is used.",
        "",
    ]
    parts += [".. currentmodule:: bayes_cevns", ""]
    for heading, names in groups.items():
        if names:
            parts += [heading, "-" * len(heading), "", ".. autosummary::", "   :toctree: api", ""]
            parts += [*(f"   {name}" for name in names), ""]
    write(Path(app.srcdir) / FILE, "\n".join(parts))
