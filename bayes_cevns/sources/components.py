"""The solar components of a source, whichever flavours they arrive in."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.oscillation import OscillationParameters
from bayes_cevns.sources.line import Line
from bayes_cevns.sources.solar import COMPONENTS, arrival_at
from bayes_cevns.sources.source import Flux, Source
from bayes_cevns.sources.spectrum import Spectrum


def solar_component(flux: Flux) -> str | None:
    """Return the solar component that a flux is of by its name, if it is of one."""
    words = flux.name.split("_")
    return words[1] if len(words) > 1 and words[0] == "solar" and words[1] in COMPONENTS else None


def split_by_component(source: Source) -> tuple[dict[str, Source], Source | None]:
    """Return the solar components of a source with their flavours added up, and the rest of it."""
    solar: dict[str, list[Flux]] = {}
    rest: dict[str, list[Flux]] = {}
    for flavour, fluxes in source.fluxes.items():
        for flux in fluxes:
            component = solar_component(flux)
            if component is None:
                rest.setdefault(flavour, []).append(flux)
            else:
                solar.setdefault(component, []).append(flux)
    components = {
        name: Source(f"solar_{name}", {"nu_e": _added(fluxes)}) for name, fluxes in solar.items()
    }
    others = {flavour: tuple(fluxes) for flavour, fluxes in rest.items()}
    return components, Source(source.name, others) if others else None


def _added(fluxes: Iterable[Flux]) -> tuple[Flux, ...]:
    """Return fluxes of one component with those of the same name added up."""
    found: dict[str, Flux] = {}
    for flux in fluxes:
        before = found.get(flux.name)
        if before is None:
            found[flux.name] = flux
        elif isinstance(flux, Line) and isinstance(before, Line):
            total = before.total_per_cm2_s + flux.total_per_cm2_s
            found[flux.name] = Line(flux.name, flux.energy_mev, total)
        elif isinstance(flux, Spectrum) and isinstance(before, Spectrum):
            values = before.flux_per_cm2_s_mev + flux.flux_per_cm2_s_mev
            found[flux.name] = Spectrum(flux.name, flux.energy_mev, values)
    return tuple(found.values())


def at_mixing(source: Source, parameters: OscillationParameters) -> Source:
    """Return a source whose solar neutrinos arrive with another mixing.

    Parameters
    ----------
    source
        One with a latitude, such as ``"solar_pp"``; what is not of the Sun stays as it is.
    parameters
        The mixing.

    Raises
    ------
    ArgumentError
        If it has no latitude: the flavours of its neutrinos are not those of the default mixing.
    """
    if source.latitude_deg is None:
        raise ArgumentError(
            f"the flavours of {source.name!r} are not those of this package's propagation, and "
            "cannot be had with another mixing: expected a solar source of the catalogue"
        )
    arrival = arrival_at(source.latitude_deg, parameters)
    components, rest = split_by_component(source)
    fluxes: dict[str, list[Flux]] = {flavour: [] for flavour in FLAVOURS}
    for component, produced in components.items():
        for flux in produced.fluxes["nu_e"]:
            shares = arrival(component, np.atleast_1d(flux.energy_mev))
            for flavour, share in zip(FLAVOURS, shares, strict=False):
                fluxes[flavour].append(flux.weighted(share))
    for flavour, others in ({} if rest is None else rest.fluxes).items():
        fluxes[flavour].extend(others)
    return Source(source.name, {name: tuple(parts) for name, parts in fluxes.items()}, source.cite)
