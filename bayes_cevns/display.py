"""How objects look at a prompt and in a notebook: a few lines of what they are, not all numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from html import escape
from typing import Any

import numpy as np

from bayes_cevns.errors import shown

#: Rows of a display (with its title at most 15 lines) and characters of a value.
_ROWS, _WIDTH = 14, 90
#: Parts of a list that are shown one by one.
_PARTS = 4


class Displayed:
    """A class whose `repr` is a short table; a dataclass must be made with ``repr=False``.

    By default there is one row for each field. A class with more to say overrides `_rows`.
    """

    def _rows(self) -> dict[str, object]:
        """Return what is shown: label -> value."""
        this: object = self  # a class of any kind, for the type checker as well
        if is_dataclass(this) and not isinstance(this, type):
            return {field.name: getattr(this, field.name) for field in fields(this)}
        return {}

    def _title(self) -> str:
        """Return what stands for the object within another one, and above its rows."""
        name = getattr(self, "name", "")
        kind = type(self).__name__
        return f"{kind} {name}" if isinstance(name, str) and name else kind

    def _cells(self) -> list[tuple[str, str]]:
        rows = [(label, brief(value)) for label, value in self._rows().items() if label != "name"]
        if len(rows) > _ROWS:
            rows = [*rows[: _ROWS - 1], ("...", f"{len(rows) - _ROWS + 1} more")]
        return [(label, text) for label, text in rows if text]

    def __repr__(self) -> str:
        cells = self._cells()
        width = max((len(label) for label, _ in cells), default=0)
        lines = [f"  {label:<{width}}  {text}" for label, text in cells]
        return "\n".join([self._title(), *lines])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(label)}</th>"
            f"<td style='text-align:left'>{escape(text)}</td></tr>"
            for label, text in self._cells()
        )
        return f"<table><caption>{escape(self._title())}</caption><tbody>{rows}</tbody></table>"


def brief(value: Any) -> str:
    """Return a value in part of a line.

    Examples
    --------
    >>> brief(np.linspace(0.0, 1.0, 500))
    '500 numbers from 0 to 1'
    """
    text = _text(value)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def _text(value: Any) -> str:
    if isinstance(value, Displayed):
        return value._title()
    name = getattr(value, "name", None)
    if is_dataclass(value) and isinstance(name, str):
        return f"{type(value).__name__} {name}"
    if isinstance(value, str):
        return " ".join(value.split())
    if value is None or isinstance(value, bool | int):
        return shown(value)
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return _joined([f"{_text(k)}: {_text(v)}" for k, v in list(value.items())[:_PARTS]], value)
    if isinstance(value, list | tuple | set | frozenset):
        return _joined([_text(part) for part in list(value)[:_PARTS]], value)
    if hasattr(value, "sizes"):  # of xarray
        return " x ".join(f"{size} {name}" for name, size in value.sizes.items()) or "one value"
    if isinstance(value, np.ndarray):
        return _array(value)
    return shown(value)


def _joined(parts: list[str], whole: Any) -> str:
    rest = len(whole) - len(parts)
    return ", ".join([*parts, *([f"and {rest} more"] if rest else [])]) or "none"


def _array(values: np.ndarray) -> str:
    shape = " x ".join(map(str, values.shape)) or "one"
    if values.size == 0 or values.dtype.kind not in "fiu" or not np.isfinite(values).any():
        return f"{shape} values"
    finite = values[np.isfinite(values)]
    return f"{shape} numbers from {finite.min():.4g} to {finite.max():.4g}"
