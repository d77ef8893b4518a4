"""All sources by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from os import PathLike, fspath
from pathlib import Path
from typing import Final

from bayes_cevns.arguments import named
from bayes_cevns.errors import ArgumentError, PlugInError, shown
from bayes_cevns.physics.foreign import code_of
from bayes_cevns.physics.oscillation import DEFAULT_LATITUDE_DEG
from bayes_cevns.physics.oscillation.night import latitude
from bayes_cevns.plug_ins import Catalogue, PlugIn
from bayes_cevns.sources.atmospheric import atmospheric
from bayes_cevns.sources.flux_file import is_flux_file, read_flux
from bayes_cevns.sources.pion_decay import pion_decay_at_rest
from bayes_cevns.sources.reactor import reactor_angra, reactor_experiment, reactor_of_flux
from bayes_cevns.sources.solar import COMPONENTS, arrival_at, solar
from bayes_cevns.sources.source import Source, combine
from bayes_cevns.sources.supernovae import diffuse_supernova_background


def _solar(
    *components: str, latitude_deg: float = DEFAULT_LATITUDE_DEG, shape: str | None = None
) -> Source:
    return solar(*components, arrival=arrival_at(latitude_deg), shape=shape)


def _all_astrophysical(*, latitude_deg: float = DEFAULT_LATITUDE_DEG) -> Source:
    """Return all neutrinos that a xenon detector far from reactors and beams sees."""
    parts = (_solar(latitude_deg=latitude_deg), atmospheric(), diffuse_supernova_background())
    return replace(combine("solar_atmospheric_dsnb", *parts), latitude_deg=latitude_deg)


def _stopped_pion(name: str, beam: str, *flavours: str) -> Source:
    """Return some flavours of a beam, which arrive at times of their own, as a source."""
    selected = pion_decay_at_rest(beam).select(*flavours)
    return replace(selected, name=name)


_PROMPT, _DELAYED = ("nu_mu",), ("nu_e", "anti_nu_mu")


def _cno(*, latitude_deg: float = DEFAULT_LATITUDE_DEG) -> Source:
    parts = (_solar(each, latitude_deg=latitude_deg) for each in ("13n", "15o", "17f"))
    return replace(combine("solar_cno", *parts), latitude_deg=latitude_deg)


#: Sources that depend on the latitude of the detector, as functions of it.
_SOLAR: Final[dict[str, Callable[..., Source]]] = {
    **{f"solar_{component}": partial(_solar, component) for component in COMPONENTS},
    "solar_8b_winter2006": partial(_solar, "8b", shape="winter2006"),
    "solar_cno": _cno,
    "solar": _solar,
    "solar_atmospheric_dsnb": _all_astrophysical,
}


def _of_plug_in(plug_in: PlugIn) -> Callable[..., Source]:
    """Return what makes the source of a plug-in: a `Source`, or a function that returns one.

    Raises
    ------
    PlugInError
        If it is neither; when it is made, also if the function fails, or the source is not called
        as its entry point.
    """
    offered, who = plug_in.offered, plug_in.origin
    if not isinstance(offered, Source) and not callable(offered):
        raise PlugInError(
            f"{who} offers {shown(offered)}, expected a Source or a function that returns one"
        )

    def made() -> Source:
        with code_of(who):
            found = offered if isinstance(offered, Source) else offered()
        if type(found) is not Source:
            raise PlugInError(f"{who} returned {shown(found)}, expected a Source")
        if found.name != plug_in.name:
            raise PlugInError(
                f"{who}: expected the name of its entry point, {plug_in.name!r}, got "
                f"{shown(found.name)}"
            )
        return found

    return made


#: Name -> function that returns the source with its defaults: solar neutrinos of a year at Gran
#: Sasso with the fluxes of B16-GS98 and the oscillation of `flavour_probabilities`, atmospheric
#: ones as produced, the Spallation Neutron Source at 20 m, the total flux of Dresden-II. Then those
#: of plug-ins (entry points ``bayes_cevns.sources``).
SOURCES: Final = Catalogue[Callable[..., Source]](
    {
        **_SOLAR,
        "atmospheric": atmospheric,
        "atmospheric_kamioka": partial(atmospheric, site="kamioka"),
        "dsnb": diffuse_supernova_background,
        "pion_decay_at_rest": pion_decay_at_rest,
        "sns_lar_2020_prompt": partial(
            _stopped_pion, "sns_lar_2020_prompt", "coherent-lar-2020", *_PROMPT
        ),
        "sns_lar_2020_delayed": partial(
            _stopped_pion, "sns_lar_2020_delayed", "coherent-lar-2020", *_DELAYED
        ),
        "sns_ge_2024": partial(
            _stopped_pion, "sns_ge_2024", "coherent-ge-2024", *_PROMPT, *_DELAYED
        ),
        "sns_ge_2024_prompt": partial(
            _stopped_pion, "sns_ge_2024_prompt", "coherent-ge-2024-protons", *_PROMPT
        ),
        "sns_ge_2024_delayed": partial(
            _stopped_pion, "sns_ge_2024_delayed", "coherent-ge-2024-protons", *_DELAYED
        ),
        "sns_csi_2017_prompt": partial(
            _stopped_pion, "sns_csi_2017_prompt", "coherent-csi-2017", *_PROMPT
        ),
        "sns_csi_2017_delayed": partial(
            _stopped_pion, "sns_csi_2017_delayed", "coherent-csi-2017", *_DELAYED
        ),
        "sns_csi_2021_prompt": partial(
            _stopped_pion, "sns_csi_2021_prompt", "coherent-csi-2021", *_PROMPT
        ),
        "sns_csi_2021_delayed": partial(
            _stopped_pion, "sns_csi_2021_delayed", "coherent-csi-2021", *_DELAYED
        ),
        "reactor": reactor_of_flux,
        "reactor_angra": reactor_angra,
        "reactor_conus_plus": partial(reactor_experiment, "conus-plus"),
        "reactor_dresden_ii": partial(reactor_experiment, "dresden-ii"),
    },
    what="source",
    group="bayes_cevns.sources",
    check=_of_plug_in,
)

#: Name -> what it is in one line; fluxes are totals of all flavours.
SOURCE_TEXTS: Final[dict[str, str]] = {
    "solar_pp": "solar pp, 5.98e10 /cm2/s",
    "solar_pep": "solar pep, a line, 1.44e8 /cm2/s",
    "solar_7be": "solar 7Be, two lines, 4.93e9 /cm2/s",
    "solar_8b": "solar 8B, spectrum of Bahcall 1996, 5.46e6 /cm2/s",
    "solar_hep": "solar hep, 7.98e3 /cm2/s",
    "solar_13n": "solar 13N, 2.78e8 /cm2/s",
    "solar_15o": "solar 15O, 2.05e8 /cm2/s",
    "solar_17f": "solar 17F, 5.29e6 /cm2/s",
    "solar_8b_winter2006": "solar 8B, spectrum of Winter 2006, 5.46e6 /cm2/s",
    "solar_cno": "solar 13N, 15O and 17F together, 4.88e8 /cm2/s",
    "solar": "the eight solar components together (B16-GS98, oscillation over a year)",
    "solar_atmospheric_dsnb": "solar, atmospheric and dsnb together",
    "atmospheric": "atmospheric at Gran Sasso, FLUKA, 13 MeV to 1 GeV, flavours as produced",
    "atmospheric_kamioka": "atmospheric at Kamioka, FLUKA, 13 MeV to 1 GeV, flavours as produced",
    "dsnb": "diffuse supernova background, a sixth in each flavour, 85.7 /cm2/s",
    "pion_decay_at_rest": "Spallation Neutron Source at 1.4 MW and 20 m, nu_mu, nu_e, anti nu_mu",
    "sns_lar_2020_prompt": "nu_mu of COHERENT LAr 2020, its protons in one year, 4.141e6 /cm2/s",
    "sns_lar_2020_delayed": "nu_e and anti nu_mu of COHERENT LAr 2020, likewise, 8.283e6 /cm2/s",
    "sns_ge_2024": "all of COHERENT Ge 2024, the protons of 1 GW h in one year, 4.228e6 /cm2/s",
    "sns_ge_2024_prompt": "nu_mu of COHERENT Ge 2024, its protons in one year, 1.287e6 /cm2/s",
    "sns_ge_2024_delayed": "nu_e and anti nu_mu of COHERENT Ge 2024, likewise, 2.575e6 /cm2/s",
    "sns_csi_2017_prompt": "nu_mu of COHERENT CsI 2017, its protons in one year, 9.532e6 /cm2/s",
    "sns_csi_2017_delayed": "nu_e and anti nu_mu of COHERENT CsI 2017, likewise, 1.906e7 /cm2/s",
    "sns_csi_2021_prompt": "nu_mu of COHERENT CsI 2021, its protons in one year, 1.836e7 /cm2/s",
    "sns_csi_2021_delayed": "nu_e and anti nu_mu of COHERENT CsI 2021, likewise, 3.672e7 /cm2/s",
    "reactor": "reactor anti nu_e, 4.8e13 /cm2/s (Dresden-II)",
    "reactor_angra": "reactor anti nu_e, 7.391e12 /cm2/s, 3.8 GW at 30 m (CONNIE)",
    "reactor_conus_plus": "reactor anti nu_e, 1.45e13 /cm2/s, fuel of Leibstadt (CONUS+)",
    "reactor_dresden_ii": "reactor anti nu_e, 4.8e13 /cm2/s, fuel of Dresden-II",
}


def source_texts() -> dict[str, str]:
    """Return what each source is in one line, those of plug-ins as well."""
    return {name: SOURCE_TEXTS.get(name, "of a plug-in") for name in SOURCES}


def source(name: str | PathLike[str], *, latitude_deg: float | None = None) -> Source:
    """Return a neutrino source by its name, the same object to everybody, or one of your own.

    Parameters
    ----------
    name
        One of `SOURCES`, or the path of a CSV file with a flux, which ends in ``.csv``
        (`bayes_cevns.sources.flux_file`).
    latitude_deg
        Where the detector is, degrees north: solar neutrinos cross the Earth at night. Gran Sasso
        (42.4) by default; other sources do not depend on it.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the known ones are listed.
    ArgumentError
        If the latitude is not between -90 and 90 degrees, or the file is no flux.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> bc.source("solar_8b").name
    'solar_8b'
    """
    if is_flux_file(name):
        found = read_flux(Path(name))
        if found.name in SOURCES or found.name.startswith("solar"):
            raise ArgumentError(
                f"{fspath(name)}: {found.name!r} is a name of this package, whose solar neutrinos "
                "are propagated: give the flux another '# name = ...'"
            )
        return found
    chosen = named(name, "source", SOURCES)
    if chosen not in _SOLAR:
        return _made(chosen)
    given = DEFAULT_LATITUDE_DEG if latitude_deg is None else latitude_deg
    return _made_at(chosen, latitude(given))


@cache
def _made(name: str) -> Source:
    return SOURCES[name]()


@cache
def _made_at(name: str, latitude_deg: float) -> Source:
    return _SOLAR[name](latitude_deg=latitude_deg)
