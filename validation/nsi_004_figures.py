"""Figures of the comparison with arXiv:2409.02003."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure
from nsi_004_fit import GRID, READINGS, VARIANTS, chi2
from nsi_004_published import DATA_SETS, PAIRS, names, table_iii

#: Delta chi^2 of 1 and 2 sigma.
LEVELS = (1.0, 4.0)


def figures(folder: Path) -> list[Path]:
    """Draw rates, and Delta chi^2 as in its figure 2."""
    drawn = {
        "paper_004_rates.png": _rate_figure(),
        "paper_004_chi2.png": _chi2_figure(),
    }
    for name, figure in drawn.items():
        figure.savefig(folder / name, dpi=85)
    return [folder / name for name in drawn]


def _rate_figure() -> Figure:
    """Draw events over those of the Standard Model, which hardly differ between data sets."""
    figure = Figure(figsize=(8.4, 8.0), layout="constrained")
    axes = figure.subplots(4, 3, sharex=True, sharey=True)
    styles = {"printed": ("-", "as printed"), "three": ("--", "three flavours")}
    styles["frozen"] = (":", "$P_{ee}$ of -1")
    colors = {"us2": "C1", "paired": "C0", "xenonnt": "black"}
    for axis, name in zip(axes.ravel(), names(), strict=True):
        for key, (style, text) in styles.items():
            ratios = READINGS[key].ratios(name)
            for data_set, color in colors.items():
                label = f"{data_set}, {text}"
                axis.plot(GRID, ratios[data_set], style, color=color, linewidth=1, label=label)
        axis.set(ylim=(0, 4), xlim=(-0.8, 0.8))
        axis.set_title(name, fontsize="small")
    for axis in axes[-1]:
        axis.set_xlabel("coupling")
    for axis in axes[:, 0]:
        axis.set_ylabel("events / SM")
    lines, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=3, fontsize="small")
    return figure


def _chi2_figure() -> Figure:
    figure = Figure(figsize=(8.4, 5.2), layout="constrained")
    draw_chi2(figure, "u")
    return figure


def draw_chi2(figure: Figure, quark: str) -> None:
    """Draw Delta chi^2 of the couplings to a quark, and above zero the intervals of table III."""
    axes = figure.subplots(2, 3, sharex=True, sharey=True)
    colours = dict(zip(DATA_SETS, ("#0072B2", "#E69F00", "#CC79A7", "black"), strict=True))
    for axis, pair in zip(axes.ravel(), PAIRS, strict=True):
        name = f"eps_{pair}_{quark}"
        both = (chi2(VARIANTS[key].ratios(name)) for key in ("printed", "frozen"))
        for found, style in zip(both, ("-", ":"), strict=True):
            for key, colour in colours.items():
                label = key if style == "-" else f"{key}, $P_{{ee}}$ of -1"
                axis.plot(GRID, found[key], style, color=colour, linewidth=1.2, label=label)
        for row, (key, colour) in enumerate(colours.items()):
            height = 0.15 + 0.22 * row
            for interval in table_iii()[name, key]:
                axis.plot(interval, [height, height], color=colour, linewidth=3, alpha=0.5)
        for level in LEVELS:
            axis.axhline(level, color="grey", linewidth=0.6)
        axis.set(ylim=(0, 6), xlim=(-0.8, 0.8))
        axis.set_title(name, fontsize="small")
    for axis in axes[-1]:
        axis.set_xlabel("coupling (bars: table III)")
    for axis in axes[:, 0]:
        axis.set_ylabel(r"$\Delta\chi^2$")
    lines, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=4, fontsize="small")
