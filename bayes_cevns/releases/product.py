"""What a builder makes of a raw release: the content of some files, and what it was made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Product:
    """The tables of one target, not yet written.

    Attributes
    ----------
    files
        File name in the target's folder -> content.
    inputs
        Group of raw input files -> digest, as ``RawFolder.digests`` gives it.
    """

    files: Mapping[str, bytes]
    inputs: Mapping[str, str]


#: Derives a product from the folder that holds the raw releases. Writes nothing.
type Builder = Callable[[Path], Product]
