"""Conversion of values to types that TOML and JSON have, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import PurePath
from types import UnionType
from typing import Any, TypeAliasType, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray


def plain(value: Any) -> Any:
    """Return a value without dataclasses, tuples, paths, and numbers and arrays of NumPy.

    A number must have one text in the identity of a run, whatever its type. Numbers of single
    precision become the shortest decimal that rounds to them: ``np.float32(0.9)`` is 0.9.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        single = value.dtype.kind == "f" and value.dtype.itemsize < np.dtype(float).itemsize
        return plain((value.astype(str).astype(float) if single else value).tolist())
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def rebuilt(kind: Any, value: Any) -> Any:
    """Return the value of a type that `plain` was made from.

    Parameters
    ----------
    kind
        A dataclass, or a type of one of its fields: a number, a text, or a tuple, a mapping, an
        array or another dataclass of them, or ``None``.
    value
        What `plain` returned.

    Raises
    ------
    TypeError, KeyError, ValueError
        If it is not the value of such a type.
    """
    if isinstance(kind, TypeAliasType):
        kind = kind.__value__
    origin, inner = get_origin(kind), get_args(kind)
    # NDArray[T] is an alias of its own, or ndarray[shape, dtype[T]], by the version of NumPy.
    if origin is NDArray or origin is np.ndarray:
        return np.array(value, dtype=inner[0] if origin is NDArray else get_args(inner[1])[0])
    if origin in (Union, UnionType):
        (some,) = (each for each in inner if each is not type(None))
        return None if value is None else rebuilt(some, value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: rebuilt(hints[name], each) for name, each in value.items()})
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(rebuilt(*pair) for pair in zip(kinds, value, strict=True))
    if isinstance(value, dict):
        return {key: rebuilt(inner[1], each) for key, each in value.items()}
    return float(value) if kind is float else value
