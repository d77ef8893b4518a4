"""The catalogue of interactions: whatever the files of this folder, and plug-ins, offer.

A file of this folder that defines ``ENTRIES``, a tuple of interactions, is in the catalogue; so
is every object that another package registers as an entry point of the group
``bayes_cevns.interactions``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from bayes_cevns.arguments import named
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.interactions.base import STANDARD_MODEL, Interaction
from bayes_cevns.physics.interactions.charges import VECTOR, split, with_charges
from bayes_cevns.plug_ins import plug_ins

GROUP = "bayes_cevns.interactions"


@cache
def interactions() -> dict[str, Interaction]:
    """Return every interaction by its name.

    Raises
    ------
    ArgumentError
        If two have the same name, or a plug-in cannot be loaded or is not an interaction.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> bc.interactions()["b-l"].coupling.symbol
    'g_BL'
    """
    found: dict[str, Interaction] = {}
    for entry, origin in _entries():
        if not isinstance(entry, Interaction):
            raise ArgumentError(f"{origin} offers {shown(entry)}, expected an Interaction")
        if entry.name in (*found, STANDARD_MODEL, VECTOR):
            raise ArgumentError(f"{origin}: there is an interaction {entry.name!r} already")
        found[entry.name] = entry
    return found


def interaction(
    name: str | Interaction, *, charges: Mapping[str, object] | None = None
) -> Interaction:
    """Return an interaction by its name.

    Parameters
    ----------
    name
        Name of an entry of the catalogue, ``"vector"`` with charges, or the name of one with its
        charges, ``"vector[u=1,nu_e=1]"``. An interaction is returned as it is.
    charges
        Charges by fermion of ``"vector"`` (`bayes_cevns.physics.interactions.charges`).

    Raises
    ------
    UnknownNameError
        If there is none of that name; the known ones are listed.
    ArgumentError
        If charges are missing, wrong, or given where they are fixed.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> bc.interaction("vector", charges={"q": 1, "nu_e": 1, "nu_mu": -1}).name
    'vector[u=1,d=1,nu_e=1,nu_mu=-1]'
    """
    return _found(name, charges, interactions())


def interaction_or_none(
    name: str | Interaction, *, charges: Mapping[str, object] | None = None
) -> Interaction | None:
    """Return an interaction by its name, and ``None`` for that of the Standard Model.

    As `interaction`, with the same errors.
    """
    return _found(name, charges, {STANDARD_MODEL: None, **interactions()})


def _found[T: Interaction | None](
    name: str | Interaction, charges: Mapping[str, object] | None, known: Mapping[str, T]
) -> T | Interaction:
    if isinstance(name, Interaction):
        if charges is not None:
            raise ArgumentError(f"{name.name!r} has its charges: leave charges out")
        return name
    base, own = split(name)
    if own is not None and charges is not None:
        raise ArgumentError(f"{shown(name)} has its charges: leave charges out")
    wanted = own if charges is None else charges
    word = named(base, "interaction", (*known, VECTOR))
    if wanted is not None:
        return with_charges(word, known.get(word), wanted)
    if word == VECTOR:
        raise ArgumentError(
            "interaction 'vector' needs charges: --charges u=1,d=-1,nu_e=1, or charges={'u': 1, "
            "'d': -1, 'nu_e': 1} of bayes_cevns.interaction; 'vector-universal' has one for all"
        )
    return known[word]


def _entries() -> Iterator[tuple[object, str]]:
    for module in iter_modules(import_module(__package__).__path__):
        path = f"{__package__}.{module.name}"
        for entry in getattr(import_module(path), "ENTRIES", ()):
            yield entry, path
    for plug_in in plug_ins(GROUP):
        yield plug_in.offered, plug_in.origin
