"""Digests of the content of objects, for names of cached tables and identities of runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_cevns.arrays import Array

#: What shares are given in, and odd numbers of 32 bits that spread the places of an array.
_SHARES = 1e7
_MULTIPLIERS = (2654435761, 2246822519, 3266489917, 668265263)


def digest_of(value: Any) -> str:
    """Return a digest of everything that an object holds, whatever its `repr` shows of it.

    A `repr` is no substitute: that of an array omits numbers, and that of an experiment most of it.
    Dataclasses enter with their class and all fields, arrays with all numbers, anything else with
    its `repr`, which must be complete.
    """
    digest = hashlib.sha256()
    for part in _parts(value):
        digest.update(len(part).to_bytes(8, "big"))  # else "ab", "c" is "a", "bc"
        digest.update(part)
    return digest.hexdigest()


def stable(values: Array) -> bytes:
    """Return what numbers are, but for their last digits, which depend on the processor.

    Parameters
    ----------
    values
        Numbers, any shape. Infinite ones and NaN have no place here.

    Returns
    -------
    bytes
        The shape, the sum of their sizes to nine digits, and the shares of this in four sums with
        fixed weights between 0.5 and 1.5, of what is above zero and of what is below, to 1e-7. Two
        arrays whose weighted sums agree so well are the same for all that follows from them. A
        number that ends in the middle between two of these digits may still be two on two
        processors, once in some million arrays.
    """
    flat = np.ravel(values).astype(float)
    total = float(np.abs(flat).sum())
    if not total > 0.0:
        return f"{np.shape(values)} 0".encode()
    place = np.arange(flat.size, dtype=np.uint64)
    shares = [
        round(_SHARES * float((np.maximum(sign * flat, 0.0) * _weights(place, each)).sum()) / total)
        for each in _MULTIPLIERS
        for sign in (1.0, -1.0)
    ]
    return f"{np.shape(values)} {total:.8e} {shares}".encode()


def _weights(place: NDArray[np.uint64], multiplier: int) -> Array:
    """Return numbers between 0.5 and 1.5 that look as if drawn, the same everywhere."""
    mixed = (place + np.uint64(1)) * np.uint64(multiplier) % np.uint64(1 << 32)
    return np.asarray(0.5 + mixed / float(1 << 32))


def _parts(value: Any) -> Iterator[bytes]:
    if is_dataclass(value) and not isinstance(value, type):
        yield f"{type(value).__module__}.{type(value).__qualname__}".encode()
        for field in fields(value):
            yield field.name.encode()
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, np.ndarray) and value.dtype != object:
        yield f"{value.dtype.str} {value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, Mapping):
        yield f"mapping {len(value)}".encode()
        for key, part in value.items():
            yield from _parts(key)
            yield from _parts(part)
    elif isinstance(value, list | tuple):
        yield f"{type(value).__name__} {len(value)}".encode()
        for part in value:
            yield from _parts(part)
    else:
        yield repr(value).encode()
