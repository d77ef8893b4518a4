"""The page of one interaction, from the catalogue and the committed limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from committed_limits import LEVEL, Limit
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from page_text import code, number, plain_axes, save, table, write

import bayes_cevns as bc
from bayes_cevns.arrays import Array
from bayes_cevns.physics.interactions import Interaction
from bayes_cevns.physics.interactions.axis import Role
from bayes_cevns.plots import layout, style
from bayes_cevns.rates import Rate

#: Mass in MeV of spectra: of a mediator, and of a sterile neutrino that the source can make.
SPECTRUM_MEV = {Role.PROPAGATOR: 10.0, Role.FINAL_STATE: 0.1, Role.OSCILLATION: 1e-6}


@dataclass(frozen=True)
class Place:
    """Where a spectrum is drawn: channel, source, target and energies in keV."""

    channel: str
    source: str
    target: str
    energies_kev: Array


#: Places by what neutrinos scatter on; oscillation needs a source with a baseline.
_PLACES = {
    "nucleus": Place("cevns", "solar_8b", "Xe", np.geomspace(0.1, 4.5, 200)),
    "electron": Place("electron", "solar", "Xe", np.geomspace(0.5, 300.0, 200)),
}
_WITH_BASELINE = Place("cevns", "sns_csi_2021_delayed", "CsI", np.geomspace(1.0, 40.0, 200))


def write_page(interaction: Interaction, limits: Sequence[Limit], folder: Path) -> None:
    """Write the page of an interaction with its figure."""
    name = interaction.name
    own = [limit for limit in limits if limit.interaction == name]
    save(spectrum_figure(interaction), folder / f"{name}.png")
    alt = f"Recoil spectra with {name} and in the Standard Model"
    parts = [
        f"# {name}",
        f"```{{image}} {name}.png\n:alt: {alt}\n```",
        "## Formula",
        f"```text\n{interaction.formula}\n```",
        _facts(interaction),
        "## Limits",
        _limits(interaction, own),
        "## Use",
        _use(interaction),
    ]
    write(folder / f"{name}.md", "\n\n".join(parts) + "\n")


def spectrum_figure(interaction: Interaction) -> Figure:
    """Draw spectra with an interaction, a panel a channel."""
    figure = layout.blank(style.PAGE, 2.8)
    places = [_PLACES[each] for each in interaction.scatters_on]
    if interaction.axis.role is Role.OSCILLATION:
        places = [_WITH_BASELINE]
    panels = figure.subplots(1, len(places), squeeze=False)[0]
    legend = []
    for axes, place in zip(panels, places, strict=True):
        rate = bc.rate(
            place.channel, source=place.source, target=place.target, interaction=interaction
        )
        legend = _draw(axes, rate, interaction, place.energies_kev)
        layout.label_panel(axes, f"{place.channel} of {place.source} on {place.target}")
        axes.set_xlabel(f"{rate.energy} [keV]", fontsize=style.TEXT)
        plain_axes(axes)
    panels[0].set_ylabel("dR/dE [1/(t yr keV)]", fontsize=style.TEXT)
    return layout.finish(
        figure, f"Spectra with {interaction.title}", _subtitle(interaction), legend
    )


def _draw(
    axes: Axes, rate: Rate, interaction: Interaction, energies: Array
) -> list[tuple[Artist, str]]:
    """Draw one panel; return the entries of its legend."""
    mass = SPECTRUM_MEV[interaction.axis.role] if interaction.has_mass else None
    standard, linear, quadratic = rate.components(energies, mass)
    x = _amplitude(interaction, energies, standard, linear, quadratic)
    black, first, second = style.INK, *style.series(2)
    (line,) = axes.loglog(energies, standard, color=black, linewidth=1.0)
    legend = [(line, "Standard Model")]
    signs = (1.0, -1.0) if np.any(linear) and not interaction.sign_fixed else (1.0,)
    for sign, look in zip(signs, (first, second), strict=False):
        total = standard + sign * x * linear + x**2 * quadratic
        shown = np.where(total > 1e-4 * standard.max(), total, np.nan)
        (line,) = axes.loglog(energies, shown, look.line, color=look.colour)
        words = f"with x {'>' if sign > 0 else '<'} 0" if len(signs) > 1 else "with the interaction"
        legend.append((line, words))
    axes.set_ylim(bottom=max(axes.get_ylim()[0], 1e-4 * standard.max()))
    return legend


def _amplitude(
    interaction: Interaction, energies: Array, standard: Array, linear: Array, quadratic: Array
) -> float:
    """Return x > 0 that changes the number of recoils by half of that of the Standard Model."""
    sm, one, two = (float(np.trapezoid(part, energies)) for part in (standard, linear, quadratic))
    if two == 0.0:
        x = 0.5 * sm / abs(one)
    else:
        x = (-abs(one) + np.sqrt(one**2 + 2.0 * abs(two) * sm)) / (2.0 * abs(two))
    return float(min(x, interaction.product_range[1]))


def _subtitle(interaction: Interaction) -> str:
    mass = SPECTRUM_MEV[interaction.axis.role]
    if interaction.axis.role is Role.OSCILLATION:
        return f"{interaction.axis.name} of {mass:g} MeV, largest mixing"
    at = f"{interaction.axis.name} of {mass:g} MeV, " if interaction.has_mass else ""
    return f"{at}in each panel x adds half of the recoils of the Standard Model"


def _facts(interaction: Interaction) -> str:
    coupling = interaction.coupling
    on = ", ".join(interaction.interferes_on) or "nothing"
    sign = interaction.sign_on(interaction.scatters_on)
    rows = [
        ("quoted coupling", code(coupling.named)),
        ("what it is", coupling.definition.replace("<", r"\<").replace("_", r"\_")),
        ("amplitude x of the rate", code(coupling.amplitude)),
        ("scatters on", ", ".join(interaction.scatters_on)),
        ("interferes on", on),
        ("sign of x", str(sign)),
        ("mass", code(interaction.axis.name) if interaction.has_mass else "none"),
        ("cite", ", ".join(code(key) for key in interaction.cite)),
    ]
    return table(("property", "value"), rows)


def _limits(interaction: Interaction, limits: Sequence[Limit]) -> str:
    if not limits:
        return "No limit on it is committed yet: `bayes-cevns scan` makes one."
    mass = 10.0 if interaction.has_mass else None
    at = [limit for limit in limits if limit.mass_mev == mass] or [
        limit for limit in limits if limit.mass_mev == limits[0].mass_mev
    ]
    where = "" if at[0].mass_mev is None else f" at {at[0].mass_mev:g} MeV"
    rows = [
        (
            code(one.experiments),
            f"{one.kind}, {one.prior} prior" if one.prior else one.kind,
            one.side,
            f"{number(one.value)}{interaction.coupling.unit_text}",
        )
        for one in sorted(at, key=lambda one: (one.kind == "CL", one.prior, one.side, one.value))
    ]
    note = (
        f"{LEVEL:.0%} upper limits on `{interaction.coupling.named}`{where}, from the tables in "
        "`validation/`. The [browser of limits](../../limits.md) has all masses."
    )
    return f"{note}\n\n{table(('experiment', 'kind', 'side', 'limit'), rows)}"


def _use(interaction: Interaction) -> str:
    mass = " --mass 10" if interaction.has_mass else ""
    target = "xenonnt_cevns" if "nucleus" in interaction.scatters_on else "xenonnt_er"
    command = f"bayes-cevns sample {target} --interaction {interaction.name}{mass}"
    return f"```sh\n{command}\n```"
