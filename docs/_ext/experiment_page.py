"""The page of one experiment, from its card, its table and the committed limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from committed_limits import LEVEL, Limit
from matplotlib.figure import Figure
from page_text import code, number, plain_axes, save, table, write

import bayes_cevns as bc
from bayes_cevns.cards.experiment import Experiment
from bayes_cevns.plots import layout, style

#: Masses in MeV of the limits on a page.
QUOTED_MEV = (1.0, 10.0, 100.0)


def write_page(name: str, limits: Sequence[Limit], folder: Path) -> str:
    """Write the page of an experiment with its figure; return its title."""
    experiment = bc.experiment(name)
    save(spectrum_figure(experiment), folder / f"{name}.png")
    channels = " and ".join(dict.fromkeys(signal.channel for signal in experiment.signals))
    alt = f"Recoil spectra that {name} looks for ({channels}), without detector effects"
    parts = [
        f"# {name}",
        f"{experiment.card.heading}.",
        *(f"**{word.capitalize()}.** {why}" for word, why in experiment.card.reasons.items()),
        _facts(experiment),
        f"```{{image}} {name}.png\n:alt: {alt}\n```",
        "## Expected counts",
        "Without new physics, all nuisances at their nominal values:",
        _counts(experiment),
        "## Nuisances",
        _nuisances(experiment),
        "## Limits",
        _limits([limit for limit in limits if limit.experiments == name]),
        "## Use",
        f"```python\nimport bayes_cevns as bc\n\nexperiment = bc.experiment({name!r})\n```",
    ]
    write(folder / f"{name}.md", "\n\n".join(part for part in parts if part) + "\n")
    return str(experiment.card.title)


def spectrum_figure(experiment: Experiment) -> Figure:
    """Draw the spectra of the signals of an experiment, before its response."""
    figure = layout.blank(style.PAGE, 2.8)
    axes = figure.subplots()
    looks = style.series(len(experiment.signals))
    legend = []
    kinds: dict[str, None] = {}
    for signal, look in zip(experiment.signals, looks, strict=True):
        rate = bc.rate(signal.channel, source=signal.source, target=experiment.target.name)
        kinds[rate.energy] = None
        known = signal.recoil_energy_kev
        energies = np.geomspace(max(known[0], 1e-3 * known[-1]), known[-1], 200)
        values = rate.total(energies)
        seen = values > 1e-6 * values.max()
        (line,) = axes.loglog(energies[seen], values[seen], look.line, color=look.colour)
        legend.append((line, f"{signal.channel} of {signal.source.name}"))
    axes.set_ylabel("dR/dE [1/(t yr keV)]", fontsize=style.TEXT)
    energy = " or ".join(kinds)
    axes.set_xlabel(f"{energy} [keV]", fontsize=style.TEXT)
    plain_axes(axes)
    return layout.finish(
        figure,
        f"Signals of {experiment.name} in the Standard Model",
        "spectra on the target, before efficiency and resolution",
        legend,
    )


def _facts(experiment: Experiment) -> str:
    exposure = float(experiment.exposure_tonne_year.sum())
    has_data = experiment.data != "none"
    counted = f"{float(experiment.observed.sum()):.6g}" if has_data else "none are public"
    bins = experiment.observed.sizes
    rows = [
        ("target", experiment.target.name),
        ("signals", ", ".join(f"{s.channel} of `{s.source.name}`" for s in experiment.signals)),
        ("runs", ", ".join(experiment.runs)),
        ("exposure", f"{exposure:.4g} t yr"),
        ("observed counts", counted),
        ("bins", " x ".join(f"{size} ({name})" for name, size in bins.items())),
        ("likelihood", experiment.likelihood.title),
        ("overlaps", ", ".join(experiment.card.overlaps) or "nothing"),
        ("cite", ", ".join(code(key) for key in experiment.card.cite)),
    ]
    return table(("property", "value"), rows)


def _counts(experiment: Experiment) -> str:
    counts = bc.expected_counts(experiment)
    names = list(next(iter(counts.values())))
    observed = {
        run: number(float(experiment.observed.sel(run=run).sum())) for run in experiment.runs
    }
    has_data = experiment.data != "none"
    rows = [
        [run, *(f"{parts[name]:.4g}" for name in names), observed[run] if has_data else "-"]
        for run, parts in counts.items()
    ]
    return table(["run", *map(code, names), "observed"], rows)


def _nuisances(experiment: Experiment) -> str:
    used = experiment.nuisances()
    if not used:
        return "None."
    rows = []
    for name in used:
        entry = experiment.card.nuisance[name]
        others = ", ".join(map(code, entry.alternatives)) or "-"
        rows.append((code(name), entry.title, code(_prior(entry.prior)), entry.origin, others))
    return table(("name", "what", "prior", "origin", "alternatives"), rows)


def _prior(prior: bc.Prior) -> str:
    """Return a prior in a word, for each run where they differ."""
    if not prior.widths_by_run:
        return prior.text
    return ", ".join(f"{run}: {prior.of_run(run).text}" for run in prior.widths_by_run)


def _limits(limits: Sequence[Limit]) -> str:
    chosen = [limit for limit in limits if limit.kind == "credible" and limit.prior == "flat"]
    if not chosen:
        return "No limit of this experiment alone is committed."
    rows = []
    for interaction, side in dict.fromkeys((one.interaction, one.side) for one in chosen):
        at = {
            one.mass_mev: one
            for one in chosen
            if (one.interaction, one.side) == (interaction, side)
        }
        cells = [number(at[mass].value) if mass in at else "-" for mass in QUOTED_MEV]
        if None not in at and not set(QUOTED_MEV) & set(at):
            continue  # of sterile neutrinos: at other masses, on the page of the interaction
        if None in at:
            cells = [number(at[None].value), "(has no mass)", ""]
        coupling = bc.interaction(interaction).coupling.named
        rows.append((code(interaction), code(coupling), side, *cells))
    masses = (f"{mass:g} MeV" for mass in QUOTED_MEV)
    note = (
        f"{LEVEL:.0%} credible upper limits with a prior that is flat in the amplitude x, from the "
        "tables in `validation/`. The [browser of limits](../../limits.md) has all masses."
    )
    return f"{note}\n\n{table(('interaction', 'coupling', 'side', *masses), rows)}"
