"""Pages of all experiments and interactions, written when a build begins.

They are made of the cards, the catalogue of interactions and the committed limits, so that nothing
on them is copied by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import experiment_page
import interaction_page
from best_limits import best_limits
from committed_limits import committed
from page_text import code, table, write

import bayes_cevns as bc

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = Path("docs") / "_generated"


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages before Sphinx looks which there are."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages(app: Sphinx) -> None:
    """Write a page for every experiment and interaction, and their lists."""
    folder = Path(app.srcdir) / FOLDER
    stamp, state = folder / "catalogue.txt", _state(Path(app.srcdir))
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == state:
        return
    limits = committed()
    experiments = bc.experiments()
    for name in experiments.index:
        experiment_page.write_page(name, limits, folder / "experiments")
    rows = [
        (
            f"[{code(name)}](experiments/{name}.md)",
            str(row.title),
            str(row.target),
            str(row.channels),
        )
        for name, row in experiments.iterrows()
    ]
    write(
        folder / "experiments.md",
        _listing("Experiments", ("name", "title", "target", "channels"), rows, "experiments"),
    )
    write(folder / "best_limits.md", best_limits(limits) + "\n")
    interactions = bc.interactions()
    for entry in interactions.values():
        interaction_page.write_page(entry, limits, folder / "interactions")
    rows = [
        (
            f"[{code(name)}](interactions/{name}.md)",
            code(entry.coupling.named),
            ", ".join(entry.scatters_on),
            str(entry.sign_on(entry.scatters_on)),
        )
        for name, entry in interactions.items()
    ]
    head = ("name", "quoted coupling", "scatters on", "sign of x")
    write(folder / "interactions.md", _listing("Interactions", head, rows, "interactions"))
    write(stamp, state)


def _state(root: Path) -> str:
    """Return what the pages are made of: files with the time of their last change."""
    folders = ("bayes_cevns/**/*.py", "docs/_ext/*.py", "models/*.toml", "validation/*.csv")
    files = [path for pattern in folders for path in sorted(root.glob(pattern))]
    return "\n".join(f"{path.relative_to(root)} {path.stat().st_mtime_ns}" for path in files)


def _listing(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]], folder: str) -> str:
    tree = f"```{{toctree}}\n:hidden:\n:glob:\n\n{folder}/*\n```"
    return f"# {title}\n\n{table(head, rows)}\n\n{tree}\n"
