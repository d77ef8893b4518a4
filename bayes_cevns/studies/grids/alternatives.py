"""Which options of an analysis are lists of alternatives, and what each alternative is called.

An option that takes one value has alternatives where a list is given; one that takes a list or a
table has them where a list of lists or of tables is given. A plain analysis has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.studies.experiment_words import CHANGES
from bayes_cevns.studies.study import Study

#: Options that take a list of words or numbers themselves.
_LISTS = ("masses_mev", "couplings", "interactions", "levels", "runs")
#: Options that take a table, and those of them whose tables hold no tables.
_TABLES = ("nuisance_priors", "bounds", "truths", "settings", "propagation")
_FLAT_TABLES = ("nuisance_priors", "bounds")
#: Options that have one value always: lists of lists are values of theirs.
_ALONE = ("pairs", "generated_by", "changed", "folders")

EXPERIMENTS = "experiments"


@dataclass(frozen=True)
class Alternative:
    """One value of an option.

    Attributes
    ----------
    label
        What stands for it in the name of a folder.
    shown
        What stands for it in a table.
    value
        The value.
    """

    label: str
    shown: str | float | int | bool
    value: Any


def alternatives(
    kind: type[Study[Any, Any, Any]], name: str, value: Any
) -> tuple[Alternative, ...] | None:
    """Return the alternatives of an option; ``None`` if it has one value.

    Raises
    ------
    ArgumentError
        If the list is empty, has something twice, or mixes values with lists of values.
    """
    named = _named(name, value)
    if named is not None:
        return tuple(_of_name(key, each, name) for key, each in named.items())
    if not isinstance(value, list) or not _is_varied(kind, name, value):
        return None
    if not value:
        raise ArgumentError(f"{name}: expected a value, or a list of one or more, got []")
    found = tuple(_of_value(name, number, each) for number, each in enumerate(value, start=1))
    for place, one in enumerate(found):
        if any(one.value == other.value for other in found[:place]):
            raise ArgumentError(f"{name}: {shown(one.value)} is in the list twice: remove one")
    return found


def _named(name: str, value: Any) -> Mapping[str, Any] | None:
    """Return named alternatives, such as ``experiments = { xenon = [...], all = [...] }``."""
    if not isinstance(value, Mapping) or not value:
        return None
    kind = list if name == EXPERIMENTS else Mapping if name in _FLAT_TABLES else None
    if kind is None or not all(isinstance(each, kind) for each in value.values()):
        return None
    return value


def _is_varied(kind: type[Study[Any, Any, Any]], name: str, value: Sequence[Any]) -> bool:
    if name in _ALONE or (name not in kind.model_fields and name not in CHANGES):
        return False
    if name == EXPERIMENTS or name in _LISTS:
        of_lists = [isinstance(each, list) or _is_range(name, each) for each in value]
        if any(of_lists) and not all(of_lists):
            raise ArgumentError(
                f"{name}: expected a list, or a list of lists alone, got {shown(list(value))}"
            )
        return any(of_lists)
    if name in _TABLES:
        of_tables = [isinstance(each, Mapping) for each in value]
        return any(of_tables) and all(of_tables)
    return True


def _is_range(name: str, value: Any) -> bool:
    return name == "masses_mev" and isinstance(value, str) and ":" in value


def _of_name(key: str, value: Any, name: str) -> Alternative:
    if name == EXPERIMENTS and not value:
        raise ArgumentError(f"{name}.{key}: expected a list of experiments, got []")
    return Alternative(slug(key), key, value)


def _of_value(name: str, number: int, value: Any) -> Alternative:
    short = name.removesuffix("_mev")
    if isinstance(value, bool):
        return Alternative(short if value else f"no-{short}", value, value)
    if isinstance(value, int | float):
        return Alternative(f"{short}-{value:g}", value, value)
    text = "+".join(_texts(value))
    if not text:
        return Alternative(f"{short}-{number}", _inline(value), value)
    return Alternative(slug(text), text, value)


def _texts(value: Any) -> list[str]:
    """Return the words of a value that is a word or a list of words; nothing of any other."""
    listed = value if isinstance(value, list) else [value]
    words = [one for one in listed if isinstance(one, str)]
    return words if len(words) == len(listed) else []


def _inline(value: Any) -> str:
    """Return a value in one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_inline(each)}" for key, each in value.items()) or "none"
    if isinstance(value, list):
        return "+".join(map(_inline, value))
    return str(value)


def slug(text: str) -> str:
    """Return a text as a part of the name of a folder; of a path the stem.

    Examples
    --------
    >>> slug("b_y+l_mu+l_tau"), slug("cards/my card.toml"), slug("toy:1")
    ('b_y+l_mu+l_tau', 'my-card', 'toy-1')
    """
    stem = Path(text).stem if text.endswith((".toml", ".csv")) else text
    return re.sub(r"[^\w.+=-]+", "-", stem, flags=re.ASCII).strip("-.") or "-"
