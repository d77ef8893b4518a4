"""A rate from the name of its channel."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike

from bayes_cevns.arguments import named, names, of_kind
from bayes_cevns.detectors.quenching import Quenching
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.atoms import BINDINGS
from bayes_cevns.physics.checks import real
from bayes_cevns.physics.form_factors import FORM_FACTORS
from bayes_cevns.physics.interactions import STANDARD_MODEL, Interaction, interaction_or_none
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.physics.nuclei import target as get_target
from bayes_cevns.rates.base import Rate
from bayes_cevns.rates.electron import ElectronRecoilRate
from bayes_cevns.rates.migdal import XENON_QUENCHING, MigdalRate
from bayes_cevns.rates.nuclear import NuclearRecoilRate
from bayes_cevns.sources import Source
from bayes_cevns.sources import source as get_source

#: What electrons take where nothing else is asked for.
BINDING = "step"

CHANNELS: dict[str, str] = {
    "cevns": "coherent elastic neutrino-nucleus scattering; energy of the nuclear recoil",
    "electron": "neutrino-electron scattering; energy of the electronic recoil",
    "migdal": "ionisation that follows CEvNS; detected energy, electron equivalent (a nuclear "
    "recoil counts 0.15 of its energy)",
}


def rate(
    channel: str = "cevns",
    *,
    source: str | PathLike[str] | Source,
    target: str,
    interaction: str | Interaction = STANDARD_MODEL,
    form_factor: str = DEFAULT_FORM_FACTOR,
    binding: str = BINDING,
    quenching: Quenching | None = None,
    shells: tuple[str, ...] | None = None,
    radius_scale: float = 1.0,
) -> Rate:
    """Return the spectrum of a channel, by the names of what goes into it.

    Parameters
    ----------
    channel, source, target, interaction, form_factor
        Names, as ``bayes-cevns list`` prints them. The source may be a `Source` of your own, or the
        path of a CSV file with one; the target any chemical formula.
    binding
        ``"step"`` or ``"free"`` electrons. The form factor goes with nuclei alone, the binding
        with electrons alone.
    quenching, shells
        Electron equivalent of the nuclear recoil (an object of `bayes_cevns.detectors`; 0.15
        for xenon by default) and shells that are counted, for the Migdal effect alone.
    radius_scale
        Radius of the nuclei over that of the form factor, for nuclei alone.

    Returns
    -------
    Rate
        With `Rate.components` and `Rate.total`, in 1/(t yr keV).

    Raises
    ------
    UnknownNameError
        If a name is unknown.
    ArgumentError
        If something is chosen that has no part in the channel, or the source is something else.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> xenon = bc.rate(source="solar_8b", target="Xe")
    >>> round(float(xenon.total(1.0)), 1)
    240.4
    """
    return build_rate(
        channel,
        source=_source(source),
        target=get_target(target),
        interaction=interaction_or_none(interaction),
        form_factor=form_factor,
        binding=binding,
        quenching=quenching,
        shells=shells,
        radius_scale=radius_scale,
    )


def _source(given: object) -> Source:
    """Return a source by its name, or as it is."""
    if isinstance(given, Source):
        return given
    if not isinstance(given, str | PathLike):
        raise ArgumentError(f"expected the name of a source or a Source, got {shown(given)}")
    return get_source(given)


def build_rate(
    channel: str,
    *,
    source: Source,
    target: Target,
    interaction: Interaction | None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    binding: str = BINDING,
    quenching: Quenching | None = None,
    shells: tuple[str, ...] | None = None,
    radius_scale: float = 1.0,
) -> Rate:
    """Return the spectrum of a channel from the objects themselves; see `rate`."""
    makers: dict[str, Callable[[], Rate]] = {
        "cevns": lambda: NuclearRecoilRate(
            source=source,
            target=target,
            interaction=interaction,
            form_factor=form_factor,
            radius_scale=radius_scale,
        ),
        "electron": lambda: ElectronRecoilRate(
            source=source, target=target, interaction=interaction, binding=binding
        ),
        "migdal": lambda: MigdalRate(
            source=source,
            target=target,
            interaction=interaction,
            form_factor=form_factor,
            quenching=quenching or XENON_QUENCHING,
            shells=shells,
            radius_scale=radius_scale,
        ),
    }
    named(channel, "channel", makers)
    named(form_factor, "form factor", FORM_FACTORS)
    named(binding, "electron binding", BINDINGS)
    radius_scale = real(radius_scale, what="radius_scale")
    if quenching is not None:
        # A type checker wants a class that can be made; `isinstance` takes an abstract one as well.
        quenching = of_kind(
            quenching,
            Quenching,  # type: ignore[type-abstract]
            what="a quenching, as of bayes_cevns.detectors",
        )
    if shells is not None:
        shells = names(shells, what="a list of shells, such as ('4d',)")
    if channel == "electron" and form_factor != DEFAULT_FORM_FACTOR:
        raise ArgumentError(f"electrons have no form factor, got {form_factor!r}: leave it out")
    if channel == "electron" and radius_scale != 1.0:
        raise ArgumentError(f"electrons have no radius, got {radius_scale!r}: leave it out")
    if channel != "electron" and binding != BINDING:
        raise ArgumentError(
            f"the binding of electrons has no part in {channel!r}, got {binding!r}: leave it out"
        )
    if channel != "migdal" and (quenching is not None or shells is not None):
        raise ArgumentError(
            f"quenching and shells belong to the Migdal effect, not to {channel!r}: leave them out"
        )
    return makers[channel]()
