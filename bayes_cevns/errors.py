"""The errors of this package: one base class, one subclass for each kind of mistake.

Every message says what was expected, what came, where, and what to do; it fits on one line,
so that the command line prints it as it is and exits with status 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from reprlib import Repr

#: Characters of a value that a message shows.
_SHOWN = 60

_REPR = Repr(maxlevel=3, maxstring=_SHOWN, maxlong=_SHOWN, maxother=_SHOWN)


class BayesCevnsError(Exception):
    """Base class of every error that this package raises on purpose.

    Its text is one line, also where it shows a path or a name with breaks of lines in it.
    """

    def __init__(self, *texts: object) -> None:
        super().__init__(*(" ".join(t.splitlines()) if isinstance(t, str) else t for t in texts))

    def __reduce__(self) -> tuple[Callable[..., BayesCevnsError], tuple[object, ...]]:
        """Pickle by the finished text, whatever arguments a subclass makes its text from.

        The default of Python calls the class with the text alone. Where that fails, the process
        that receives the error dies, and a process pool with it.
        """
        return _restored, (type(self), self.args, self.__dict__)


class UnknownNameError(BayesCevnsError):
    """A name (experiment, interaction, prior, ...) that does not exist."""

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        known = sorted(known)
        close = " or ".join(map(repr, _meant(name, known)))
        hint = f"; did you mean {close}?" if close else ""
        super().__init__(f"unknown {kind} {shown(name)}{hint} (available: {_listed(name, known)})")


#: How many names that begin with a word are suggested.
_BEGINNINGS = 5


def _meant(name: object, known: list[str]) -> list[str]:
    """Return what a wrong name may stand for.

    That is the same in other case, or else names that begin with it, or else the most similar one.
    """
    if not isinstance(name, str) or not name:
        return []
    word, folded = name.casefold(), {one.casefold(): one for one in known}
    if word in folded:
        return [folded[word]]
    longer = [one for key, one in folded.items() if key.startswith(word)]
    if 0 < len(longer) <= _BEGINNINGS:
        return longer
    return [folded[close] for close in difflib.get_close_matches(word, folded, n=1)]


#: Characters that a list of names may have, and how many are named of a longer one.
_LISTED, _NEAREST = 500, 12


def _listed(name: object, known: list[str]) -> str:
    """Return all names, or of a long list those that are most like a name, and how many more."""
    text = ", ".join(known)
    if len(text) <= _LISTED:
        return text
    near = difflib.get_close_matches(name, known, _NEAREST, 0.0) if isinstance(name, str) else []
    named = sorted(near or known[:_NEAREST])
    return f"{', '.join(named)} and {len(known) - len(named)} more"


class ArgumentError(BayesCevnsError):
    """An argument out of its domain: a mass, a coupling, a level, an energy, a count."""


class ChannelError(BayesCevnsError):
    """An interaction on a channel that it does not have, or a nucleus without the data for it."""


class CardError(BayesCevnsError):
    """A model card that cannot be read, or that contradicts its table."""


class DataError(BayesCevnsError):
    """A data file or raw release that is missing, truncated or altered."""


class ImpossibleDataError(DataError):
    """Observed counts that no parameters of a model can make: its likelihood is zero."""


class TableError(BayesCevnsError):
    """Rate tables or shape axes that do not fit together, or were asked out of their range."""


class PlugInError(ArgumentError):
    """Code that was handed in (an interaction, a form factor, a curve) that breaks its contract."""


class ConvergenceError(BayesCevnsError):
    """A fit that failed its quality gate after all its retries."""


class OutputError(BayesCevnsError):
    """An output directory that cannot be written, or that holds another run's results."""


class WorkerError(BayesCevnsError):
    """Workers that cannot be reached, do not fit to what they are to compute, or die."""


class ResourceError(BayesCevnsError):
    """A machine that has too little of something: memory, files that may be open, threads."""


class BayesCevnsWarning(UserWarning):
    """Base class of every warning of this package: a result that may not be what was meant."""


class RangeWarning(BayesCevnsWarning):
    """A table that ends while there is still something to count beyond its end."""


class UnitWarning(BayesCevnsWarning):
    """Numbers that make no sense in the unit that they have, but would in another."""


class PropagationWarning(BayesCevnsWarning):
    """An interaction that changes the flavours at the detector, where they are kept as they are."""


class FluxWarning(BayesCevnsWarning):
    """A measured flux with an interaction that changes what the flux was measured with."""


class PrecisionWarning(BayesCevnsWarning):
    """A study with fewer toys than one of its results needs."""


class DisagreementWarning(BayesCevnsWarning):
    """A limit from draws that does not agree with its preview: a mode may have been missed."""


class GraphWarning(BayesCevnsWarning):
    """A model that is compiled from its graph, for it is more than its parts say."""


class UnfinishedWarning(BayesCevnsWarning):
    """A result of a run that was interrupted: what it has of it."""


class WorkersWarning(BayesCevnsWarning):
    """Workers that wait for each other, or that are not there yet."""


class RepairWarning(BayesCevnsWarning):
    """A file of a run that was missing, damaged or edited, and is made anew."""


def shown(value: object) -> str:
    """Return how a message shows a value that came: in one line of at most 60 characters.

    Examples
    --------
    >>> shown([1.5] * 1000)
    '[1.5, 1.5, 1.5, 1.5, 1.5, 1.5, ...]'
    """
    try:
        text = " ".join(_REPR.repr(value).split())
    except Exception:  # whatever goes wrong in the repr of a foreign object
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _restored(
    kind: type[BayesCevnsError], args: tuple[object, ...], state: dict[str, object]
) -> BayesCevnsError:
    """Make an error again from what `BayesCevnsError.__reduce__` keeps, without its `__init__`."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
