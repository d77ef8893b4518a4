"""Compare the package with published numbers; writes RESULTS.md and figures beside this file."""

from __future__ import annotations

import time
from pathlib import Path
from types import ModuleType

import migdal_003
import nsi_004
import projections_001
import reference_values
import spectra_000
from rows import markdown

import bayes_cevns as bc

HERE = Path(__file__).parent

PARTS: tuple[tuple[str, ModuleType], ...] = (
    ("Reference values", reference_values),
    ("arXiv:2411.14206, Blanco-Mas et al.", spectra_000),
    ("arXiv:2112.03309, Majumdar, Papoulias and Srivastava", projections_001),
    ("arXiv:2311.17719, Herrera", migdal_003),
    ("arXiv:2409.02003, Aristizabal Sierra, Mishra and Strigari", nsi_004),
)


def main() -> None:
    """Run every part, print how long it took, and write the page when all are done."""
    sections = [
        "# Validation",
        "",
        "Written by `make validation`; do not edit. "
        f"bayes_cevns {bc.__version__}. Published curves are not available as numbers: where a "
        "paper gives only a figure, ours is drawn in its axes (docs/gallery/papers), and the table "
        "has what its text states.",
        "",
    ]
    folder = HERE / "figures"
    folder.mkdir(exist_ok=True)
    for title, part in PARTS:
        start = time.perf_counter()
        text = (part.__doc__ or "").strip()
        sections.append(markdown(title, text, part.rows()))
        paths = part.figures(folder) if hasattr(part, "figures") else []
        sections.extend(f"![{path.stem}](figures/{path.name})\n" for path in paths)
        print(f"{title}: {time.perf_counter() - start:.0f} s", flush=True)
    page = HERE / "RESULTS.md"
    temporary = page.with_suffix(".tmp")
    temporary.write_text("\n".join(sections), encoding="utf-8")
    temporary.replace(page)


if __name__ == "__main__":
    main()
