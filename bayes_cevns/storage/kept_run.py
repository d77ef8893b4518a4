"""What the folder of a run keeps, to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from bayes_cevns.storage import points
from bayes_cevns.storage.ledger import Ledger
from bayes_cevns.storage.points import Point
from bayes_cevns.storage.record import identity, read_run
from bayes_cevns.storage.seal import Sealed, read_sealed

POSTERIOR_FILE = "posterior.nc"


class KeptRun:
    """The folder of a run, opened for reading.

    Parameters
    ----------
    path
        The folder.
    request
        Everything that was asked for, as TOML values.
    """

    #: Whether nothing is written, not even to repair damaged files.
    read_only = True

    def __init__(self, path: Path | str, request: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.request = dict(request)
        self.identity = identity(self.request)

    @property
    def status(self) -> str:
        """``"running"``, ``"interrupted"`` or ``"complete"``."""
        return str(read_run(self.path)["status"])

    def kept(self, number: int) -> Point | None:
        """Return a point that an earlier run has finished, if it is intact."""
        return points.load_point(self.path, self.identity, number)

    def sealed_posterior(self) -> Sealed | None:
        """Return the posterior, if it is that of this run, and intact."""
        try:
            sealed = read_sealed(self.path / POSTERIOR_FILE)
        except OSError:
            return None
        return sealed if sealed is not None and sealed.identity == self.identity else None


def place_of(folder: Path, product: str) -> Path:
    """Return where a product is: in the folder of its run or below it, whatever a record says."""
    path = PurePosixPath(product)
    outside = path.is_absolute() or ".." in path.parts
    return folder / (path.name if outside else path)


def ledger_in(
    folder: KeptRun | None, name: str, columns: Sequence[str], *, key: Sequence[str]
) -> Ledger:
    """Return a table of a run that grows row by row; without a folder it is kept in memory.

    Parameters
    ----------
    folder, name
        Folder of the run, and the name of the file.
    columns, key
        As in `bayes_cevns.storage.ledger.Ledger`.
    """
    if folder is None:
        return Ledger(None, columns, key=key)
    return Ledger(
        folder.path / name,
        columns,
        key=key,
        identity=folder.identity,
        read_only=folder.read_only,
    )
