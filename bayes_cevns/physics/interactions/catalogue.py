"""The catalogue of interactions: whatever the files of this folder, and plug-ins, offer.

A file of this folder that defines ``ENTRIES``, a tuple of interactions, is in the catalogue; so
is every object that another package registers as an entry point of the group
``bayes_cevns.interactions``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules

from bayes_cevns.arguments import named
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.interactions.base import STANDARD_MODEL, Interaction

GROUP = "bayes_cevns.interactions"


@cache
def interactions() -> dict[str, Interaction]:
    """Return every interaction by its name.

    Raises
    ------
    ArgumentError
        If two have the same name, or a plug-in cannot be loaded or is not an interaction.
    """
    found: dict[str, Interaction] = {}
    for entry, origin in _entries():
        if not isinstance(entry, Interaction):
            raise ArgumentError(f"{origin} offers {shown(entry)}, expected an Interaction")
        if entry.name in found or entry.name == STANDARD_MODEL:
            raise ArgumentError(f"{origin}: there is an interaction {entry.name!r} already")
        found[entry.name] = entry
    return found


def interaction(name: str) -> Interaction:
    """Return an interaction by its name.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the known ones are listed.
    """
    return interactions()[named(name, "interaction", interactions())]


def interaction_or_none(name: str) -> Interaction | None:
    """Return an interaction by its name, and ``None`` for that of the Standard Model.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the known ones are listed.
    """
    known = {STANDARD_MODEL: None, **interactions()}
    return known[named(name, "interaction", known)]


def _entries() -> Iterator[tuple[object, str]]:
    for module in iter_modules(import_module(__package__).__path__):
        path = f"{__package__}.{module.name}"
        for entry in getattr(import_module(path), "ENTRIES", ()):
            yield entry, path
    for point in entry_points(group=GROUP):
        yield _load(point), f"plug-in {point.value}"


def _load(point: EntryPoint) -> object:
    try:
        return point.load()
    except Exception as error:  # whatever goes wrong when foreign code is imported
        raise ArgumentError(
            f"plug-in {point.value} of {GROUP} cannot be loaded ({type(error).__name__}: {error}): "
            "mend or uninstall it"
        ) from error
