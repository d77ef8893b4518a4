"""Figures of spectra: of several rates, and of the Migdal effect shell by shell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from bayes_cevns.arguments import mapping
from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.migdal import shells
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.spectra import spectra
from bayes_cevns.plots.style import PAGE, Rc, applied
from bayes_cevns.rates import rate
from bayes_cevns.rates.base import Rate, check_energies
from bayes_cevns.sources import Source

_RATE_LABEL = "events in a tonne, year and keV"


def recoil_figure(
    spectra_of: Mapping[str, Rate | tuple[Rate, float, float]],
    energies_kev: ArrayLike,
    *,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw spectra of recoils, or of what is detected of them.

    Parameters
    ----------
    spectra_of
        Label -> a rate of `bayes_cevns.rate` in the Standard Model, or rate, mediator mass in MeV
        and amplitude x.
    energies_kev
        Energies in keV, > 0, shape (n,).
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one, in place of a new figure.
    style
        A style of matplotlib or parameters of it, over those of this package.

    Raises
    ------
    ArgumentError
        If something else is given, or the rates are not over the same kind of energy.

    Examples
    --------
    >>> import numpy as np
    >>> import bayes_cevns as bc
    >>> xenon = bc.rate(source="solar_8b", target="Xe", interaction="b-l")
    >>> lines = {"Standard Model": xenon, "B-L": (xenon, 10.0, 1e-9)}
    >>> figure = bc.recoil_figure(lines, np.geomspace(0.05, 5.0, 100))
    """
    given = mapping(spectra_of, what="spectra by label, such as {'Xe': bayes_cevns.rate(...)}")
    if not given:
        raise ArgumentError("expected a spectrum at least, got none")
    energy = np.sort(check_energies(energies_kev).ravel())
    drawn: dict[str, Array] = {}
    kinds: dict[str, None] = {}
    sources: dict[str, None] = {}
    for label, entry in given.items():
        one, *signal = entry if isinstance(entry, tuple) else (entry,)
        what = "a rate of bayes_cevns.rate, or (rate, mass in MeV, amplitude x)"
        if not isinstance(one, Rate) or len(signal) not in (0, 2):
            raise ArgumentError(f"expected of {label}: {what}, got {shown(entry)}")
        mass = _some_mass(one) if not signal else signal[0]
        drawn[str(label)] = one.total(energy, mass, signal[1] if signal else 0.0)
        kinds[one.energy] = None
        sources[f"{one.source.name} on {one.target.name}"] = None
    if len(kinds) > 1:
        raise ArgumentError(f"one figure has one energy, got {' and '.join(kinds)}")
    with applied(style):
        return spectra(
            energy,
            drawn,
            energy_label=f"{next(iter(kinds))} [keV]",
            rate_label=_RATE_LABEL,
            title="Spectra before the detector",
            subtitle="; ".join(sources),
            width_in=width_in,
            ax=ax,
        )


def _some_mass(one: Rate) -> float | None:
    """Return a mass where one must be said, which has no part without a coupling."""
    return None if one.interaction is None or not one.interaction.has_mass else 1.0


def migdal_figure(
    target: str = "Xe",
    source: str | Source = "solar_8b",
    *,
    energies_kev: ArrayLike | None = None,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw the Migdal effect of neutrinos on an element, shell by shell, and in total.

    Parameters
    ----------
    target
        An element with ionisation probabilities.
    source
        A source of neutrinos, or its name.
    energies_kev
        Detected energies in keV, shape (n,); by default 0.02 to 10 keV.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one, in place of a new figure.
    style
        A style of matplotlib or parameters of it, over those of this package.

    Raises
    ------
    UnknownNameError, ChannelError
        If there is no such source, or no table of the target.

    Notes
    -----
    Probabilities of Ibe, Nakano, Shoji and Suzuki, JHEP 03 (2018) 194 (arXiv:1707.07258).

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> figure = bc.migdal_figure("Xe", "solar_8b")
    """
    asked = np.geomspace(0.02, 10.0, 200) if energies_kev is None else energies_kev
    energy = np.sort(check_energies(asked).ravel())
    whole = rate("migdal", source=source, target=target)
    parts = {
        each.name: rate("migdal", source=source, target=target, shells=(each.name,)).total(energy)
        for each in shells(whole.target.name)
        if each.binding_kev < energy[-1]
    }
    with applied(style):
        return spectra(
            energy,
            {name: values for name, values in parts.items() if values.any()},
            energy_label="detected energy, electron equivalent [keV]",
            rate_label=_RATE_LABEL,
            title=f"Migdal effect on {whole.target.name}, by shell",
            subtitle=f"{whole.source.name}; ionisation probabilities of arXiv:1707.07258",
            total=whole.total(energy),
            width_in=width_in,
            ax=ax,
        )
