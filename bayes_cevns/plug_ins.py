"""Plug-ins: what other packages offer by entry points, checked before it is used.

A package offers an object in its ``pyproject.toml``::

    [project.entry-points."bayes_cevns.targets"]
    doped-argon = "my_package.materials:DOPED_ARGON"

The groups are ``bayes_cevns.interactions``, ``.sources``, ``.targets`` and ``.form_factors``. What
an object must be is said where its catalogue is. A plug-in that cannot be loaded, is of another
kind, takes a name that is taken, or breaks its contract is an error that names it: its results
would be nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from bayes_cevns.errors import ArgumentError, PlugInError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,59}")


@dataclass(frozen=True)
class PlugIn:
    """An object that a package offers.

    Attributes
    ----------
    name
        Name of its entry point.
    origin
        What messages call it, such as ``"plug-in my_package.materials:DOPED_ARGON"``.
    offered
        The object.
    """

    name: str
    origin: str
    offered: object


def plug_ins(group: str) -> Iterator[PlugIn]:
    """Load what is offered in a group of entry points.

    Raises
    ------
    ArgumentError
        If one cannot be loaded.
    """
    for point in entry_points(group=group):
        yield PlugIn(point.name, f"plug-in {point.value}", _load(point, group))


def _load(point: EntryPoint, group: str) -> object:
    try:
        return point.load()
    except Exception as error:  # whatever goes wrong when foreign code is imported
        raise ArgumentError(
            f"plug-in {point.value} of {group} cannot be loaded ({type(error).__name__}: {error}): "
            "mend or uninstall it"
        ) from error


class Catalogue[T](MutableMapping[str, T]):
    """Objects by name: those of this package, then those of plug-ins.

    Plug-ins are loaded when the catalogue is first used.

    Parameters
    ----------
    own
        The objects of this package.
    what
        What each is, for messages, such as ``"form factor"``.
    group
        Group of entry points. The names of the objects are those of the entry points.
    check
        Returns the object of a plug-in if it keeps its contract, and raises `PlugInError` if not.
    """

    def __init__(
        self, own: Mapping[str, T], *, what: str, group: str, check: Callable[[PlugIn], T]
    ) -> None:
        self.what, self.group = what, group
        self._own, self._check = dict(own), check
        self._others: dict[str, T] | None = None

    def forget(self) -> None:
        """Look for plug-ins anew at the next use."""
        self._others = None

    @property
    def others(self) -> Mapping[str, T]:
        """The objects of plug-ins by name.

        Raises
        ------
        ArgumentError
            If one cannot be loaded, has a name that is taken or no name, or breaks its contract.
        """
        if self._others is None:
            found: dict[str, T] = {}
            for plug_in in plug_ins(self.group):
                name = plug_in.name
                if not _NAME.fullmatch(name):
                    raise PlugInError(
                        f"{plug_in.origin}: expected a name of letters, digits and _ . + -, got "
                        f"{name!r}"
                    )
                if name in self._own or name in found:
                    raise PlugInError(f"{plug_in.origin}: there is a {self.what} {name!r} already")
                found[name] = self._check(plug_in)
            self._others = found
        return self._others

    def __getitem__(self, name: str) -> T:
        others = self.others
        return self._own[name] if name in self._own else others[name]

    def __setitem__(self, name: str, entry: T) -> None:
        self._own[name] = entry

    def __delitem__(self, name: str) -> None:
        del self._own[name]

    def __iter__(self) -> Iterator[str]:
        yield from (*self._own, *self.others)

    def __len__(self) -> int:
        return len(self._own) + len(self.others)
