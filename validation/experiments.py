"""Compare every experiment with its published numbers; writes experiments.md beside this file.

Some sections alone are renewed, with the limits from limits.csv, and the others kept, with

    python validation/experiments.py coherent_csi conus_plus
"""

from __future__ import annotations

import re
import sys
import time
from importlib import import_module
from pathlib import Path

import limit_statements
import limit_table
import solar_posteriors
from rows import markdown

import bayes_cevns as bc

HERE = Path(__file__).parent
_SOLAR = "8B flux and weak mixing angle"


def main() -> None:
    """Run the parts asked for, print how long they took, and write the page when all are done."""
    parts = sorted(path.stem.removeprefix("experiment_") for path in HERE.glob("experiment_*.py"))
    wanted = sys.argv[1:] or [*parts, _SOLAR]
    if unknown := set(wanted) - {*parts, _SOLAR}:
        sys.exit(f"no such section: {', '.join(unknown)} (has {', '.join([*parts, _SOLAR])})")
    kept = _sections()
    sections = [
        "# Experiments",
        "",
        f"Written by `make experiments`; do not edit. bayes_cevns {bc.__version__}. Each "
        "experiment with what was published of it and what comes out here; the note says why they "
        "differ.",
        "",
    ]
    folder = HERE / "figures"
    folder.mkdir(exist_ok=True)
    for title in parts:
        if title not in wanted and title in kept:
            sections.append(kept[title])
            continue
        start = time.perf_counter()
        part = import_module(f"experiment_{title}")
        sections.append(markdown(title, (part.__doc__ or "").strip(), part.rows()))
        figures = part.figures(folder) if hasattr(part, "figures") else []
        sections.extend(f"![{path.stem}](figures/{path.name})\n" for path in figures)
        print(f"{title}: {time.perf_counter() - start:.0f} s", flush=True)
    if _SOLAR in wanted or _SOLAR not in kept:
        text = (solar_posteriors.__doc__ or "").strip()
        sections.append(markdown(_SOLAR, text, solar_posteriors.rows()))
    else:
        sections.append(kept[_SOLAR])
    sections.extend(_limits())
    page = HERE / "experiments.md"
    temporary = page.with_suffix(".tmp")
    temporary.write_text("\n".join(sections), encoding="utf-8")
    temporary.replace(page)


def _sections() -> dict[str, str]:
    """Return the sections of the page as it is, by their titles."""
    page = HERE / "experiments.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return {
        part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in re.split(r"(?m)^## ", text)[1:]
    }


def _limits() -> list[str]:
    """Return the section of the limit curves, from their committed table."""
    solar = limit_table.SETS["solar"]
    sections = [
        "## Limits",
        "",
        "90% credible limits on the quoted coupling of each interaction (sqrt(|g_nu g_f|) of the "
        "universal ones, g_BL of B-L: `bayes-cevns list interactions`) with a prior that is flat "
        "in its square, x; for a coupling whose sign is observable, each sign by itself. `solar` "
        "is the joint fit of "
        f"{', '.join(solar)}; `all` adds "
        f"{', '.join(name for name in limit_table.SETS['all'] if name not in solar)}. Experiments "
        "without public counts are projections with the counts that the Standard Model expects. In "
        "brackets: between the masses of a curve, or where the fit of this mass failed. Written by "
        "`make limits`; the numbers are in limits.csv.",
        "",
    ]
    found = limit_table.curves()
    for interaction in dict.fromkeys(curve.interaction for curve in found):
        own = [c for c in found if c.interaction == interaction]
        own += limit_table.published(interaction)
        masses = limit_table.QUOTED_MEV
        lines = [
            f"### {interaction}",
            "",
            "| experiment | side | " + " | ".join(f"{m:g} MeV" for m in masses) + " |",
            "| :-- | :-- |" + " --: |" * len(masses),
        ]
        for curve in own:
            values = " | ".join(curve.text_at(m) for m in masses)
            lines.append(f"| {limit_table.label(curve.experiments)} | {curve.side} | {values} |")
        path = f"figures/limits_{interaction}.png"
        sections += [*lines, "", f"![limits on {interaction}]({path})", ""]
    text = (limit_statements.__doc__ or "").strip()
    sections.append(markdown("Limits beside each other", text, limit_statements.rows()))
    gaps = [f"- {name}, {what}: {why}" for name, what, why in limit_table.missing()]
    return [*sections, "### What has no limit", "", *gaps, ""] if gaps else sections


if __name__ == "__main__":
    main()
