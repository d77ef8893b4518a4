"""A rate from the name of its channel."""

from __future__ import annotations

from os import PathLike
from typing import Any

from bayes_cevns.arguments import named, names, of_kind
from bayes_cevns.detectors.quenching import Quenching
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.interactions import (
    ELECTRON,
    NUCLEUS,
    STANDARD_MODEL,
    Interaction,
    interaction_or_none,
)
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.physics.nuclei import target as get_target
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory, theory_of
from bayes_cevns.rates.base import Rate
from bayes_cevns.rates.electron import ElectronRecoilRate
from bayes_cevns.rates.migdal import XENON_QUENCHING, MigdalRate
from bayes_cevns.rates.nuclear import NuclearRecoilRate
from bayes_cevns.sources import Source
from bayes_cevns.sources import source as get_source

CHANNELS: dict[str, str] = {
    "cevns": "coherent elastic neutrino-nucleus scattering; energy of the nuclear recoil",
    "electron": "neutrino-electron scattering; energy of the electronic recoil",
    "migdal": "ionisation that follows CEvNS; detected energy, electron equivalent (a nuclear "
    "recoil counts 0.15 of its energy)",
}

#: Channel -> what neutrinos scatter on.
SCATTERER = {"cevns": NUCLEUS, "migdal": NUCLEUS, "electron": ELECTRON}


def rate(
    channel: str = "cevns",
    *,
    source: str | PathLike[str] | Source,
    target: str,
    interaction: str | Interaction = STANDARD_MODEL,
    theory: Theory = STANDARD_THEORY,
    quenching: Quenching | None = None,
    shells: tuple[str, ...] | None = None,
) -> Rate:
    """Return the spectrum of a channel, by the names of what goes into it.

    Parameters
    ----------
    channel, source, target, interaction
        Names, as ``bayes-cevns list`` prints them. The source may be a `Source` of your own, or the
        path of a CSV file with one; the target any chemical formula.
    theory
        What is assumed of nuclei, weak charges and atoms: a `bayes_cevns.Theory`. Its form factor
        goes with nuclei alone, its atoms with electrons alone.
    quenching, shells
        Electron equivalent of the nuclear recoil (an object of `bayes_cevns.detectors`; 0.15
        for xenon by default) and shells that are counted, for the Migdal effect alone.

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
    theory_of(theory).check_only_on(SCATTERER[named(channel, "channel", SCATTERER)])
    return build_rate(
        channel,
        source=_source(source),
        target=get_target(target),
        interaction=interaction_or_none(interaction),
        theory=theory,
        quenching=quenching,
        shells=shells,
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
    theory: Theory = STANDARD_THEORY,
    quenching: Quenching | None = None,
    shells: tuple[str, ...] | None = None,
) -> Rate:
    """Return the spectrum of a channel from the objects themselves; see `rate`."""
    named(channel, "channel", CHANNELS)
    if quenching is not None:
        # A type checker wants a class that can be made; `isinstance` takes an abstract one as well.
        quenching = of_kind(
            quenching,
            Quenching,  # type: ignore[type-abstract]
            what="a quenching, as of bayes_cevns.detectors",
        )
    if shells is not None:
        shells = names(shells, what="a list of shells, such as ('4d',)")
    if channel != "migdal" and (quenching is not None or shells is not None):
        raise ArgumentError(
            f"quenching and shells belong to the Migdal effect, not to {channel!r}: leave them out"
        )
    common: dict[str, Any] = {
        "source": source,
        "target": target,
        "interaction": interaction,
        "theory": theory,
    }
    if channel == "migdal":
        return MigdalRate(**common, quenching=quenching or XENON_QUENCHING, shells=shells)
    kind = NuclearRecoilRate if channel == "cevns" else ElectronRecoilRate
    return kind(**common)
