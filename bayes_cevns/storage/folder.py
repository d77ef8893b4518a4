"""The folder of a run: its identity, the results it keeps, and the files derived from them."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from shutil import rmtree
from types import TracebackType
from typing import Any, Self

from bayes_cevns.errors import (
    BayesCevnsError,
    DataError,
    OutputError,
    RepairWarning,
)
from bayes_cevns.storage import atomic, points
from bayes_cevns.storage.kept_run import POSTERIOR_FILE, KeptRun, place_of
from bayes_cevns.storage.ledger import has_rows, holds_rows_of
from bayes_cevns.storage.lock import LOCK_FILE, Lock
from bayes_cevns.storage.names import PROGRESS_FILE
from bayes_cevns.storage.points import Point
from bayes_cevns.storage.record import (
    COMPLETE,
    INTERRUPTED,
    RUN_FILE,
    RUNNING,
    difference,
    identity,
    read_run,
    write_run,
)
from bayes_cevns.storage.resources import sha256
from bayes_cevns.storage.seal import Sealed, read_sealed
from bayes_cevns.storage.values import plain


class RunFolder(KeptRun):
    """A folder with the results of one request and of no other, for one process at a time.

    A run keeps its points, the rows of its ledgers and its posterior; each of them holds the
    identity of the run. All other files are products: they are derived from these, and the command
    of the run writes them again if they are missing or were altered. The record, ``run.toml``, is
    also written again if it is lost or damaged, as long as something that is kept has the identity
    of the run.

    Parameters
    ----------
    path
        The folder; made if it does not exist.
    request
        Everything that was asked for, as TOML values. It decides whether a folder holds this run,
        which then continues where it stopped, or another one.
    parts
        Requests of the runs in folders below, which belong to this one, by their relative paths.

    Raises
    ------
    OutputError
        If the folder cannot be written, holds another run, or holds anything else; or if another
        process works in it.

    Warns
    -----
    RepairWarning
        If a file of the run was missing or altered.

    Notes
    -----
    To be used in a ``with`` block: at its end the folder is free for other processes. Where the
    block ends with an error of this package before anything is kept in a new folder, the folder
    is removed.
    """

    def __init__(
        self,
        path: Path | str,
        request: Mapping[str, Any],
        *,
        parts: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(path, request)
        self._parts = {place: identity(one) for place, one in (parts or {}).items()}
        self._products: dict[str, str] = {}
        self._written: list[str] = []
        self._made: list[Path] = []
        self._lock: Lock | None = None
        try:
            self._claim()
        except BaseException as error:
            self._leave()
            self._remove_made()
            if isinstance(error, OSError):
                raise _cannot_write(self.path, error) from None
            raise

    read_only = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if isinstance(error, BayesCevnsError) and self._made and not self._keeps_anything():
                self._empty()
            elif error is not None:
                self._mark_interrupted()
        finally:
            self._leave()
        if error is not None:
            self._remove_made()

    def _claim(self) -> None:
        """Take the folder, or refuse and leave it as it is."""
        self._make()
        before = self._record()  # a folder of somebody else is not touched, not even by a lock
        try:
            self._lock = Lock.acquire(self.path / LOCK_FILE)
        except OSError:
            if before is None or before["status"] != COMPLETE:
                raise
            return  # complete: it only needs to be read
        for folder in (self.path, self.path / points.FOLDER):
            atomic.remove_temporaries(folder)
        record = self._record()
        if record is None:
            write_run(self.path, self.request, self._status_without_record())
        else:
            self._products = dict(record.get("products", {}))
            self._look_at_products()

    def _make(self) -> None:
        missing = []
        folder = self.path
        while not folder.exists() and folder != folder.parent:
            missing.append(folder)
            folder = folder.parent
        self.path.mkdir(parents=True, exist_ok=True)
        self._made = missing
        for made in missing:
            atomic.flush_folder(made.parent)

    def _record(self) -> dict[str, Any] | None:
        """Return the record of this run; ``None`` if there is none, and one may be written.

        Raises
        ------
        OutputError
            If the folder is not that of this run.
        """
        run = self.path / RUN_FILE
        # A run that was killed leaves temporary files; they do not make a folder foreign.
        entries = sorted(
            entry.name
            for entry in self.path.iterdir()
            if not atomic.is_temporary(entry)
            and not entry.name.startswith(LOCK_FILE)
            and entry.name != PROGRESS_FILE
        )
        if not entries:
            return None
        try:
            record = read_run(self.path)
        except DataError:
            if not self._is_ours():
                raise OutputError(self._refusal(entries)) from None
            if self._lock is not None:
                state = "was altered or damaged" if run.exists() else "was missing"
                self._say(f"{run} {state}: it is written again, what is kept there is used")
            return None
        if record["identity"] != self.identity:
            raise OutputError(
                f"{self.path} holds the results of another run "
                f"({difference(record['request'], plain(self.request))}): choose another --out"
            )
        return record

    def _refusal(self, entries: Sequence[str]) -> str:
        if RUN_FILE in entries:
            return (
                f"{self.path / RUN_FILE} cannot be read: choose another --out, or remove "
                f"{self.path}"
            )
        return (
            f"{self.path} is not empty and holds no run (found {entries[0]!r}): "
            "choose another --out"
        )

    def _is_ours(self) -> bool:
        """Return whether a folder without a readable record holds results of this run."""
        found = set(points.identities(self.path))
        with suppress(OSError):
            sealed = read_sealed(self.path / POSTERIOR_FILE)
            found |= {sealed.identity} if sealed else set()
        if any(holds_rows_of(file, self.identity) for file in self.path.glob("*.csv")):
            found.add(self.identity)
        with suppress(OSError):
            if self.identity.encode() in (self.path / RUN_FILE).read_bytes():
                found.add(self.identity)
        for place, part in self._parts.items():
            with suppress(DataError):
                own = read_run(self.path / place)["identity"] == part
                found.add(self.identity if own else f"another run in {place}")
        return found == {self.identity}

    def _status_without_record(self) -> str:
        """Return the status of a new run, or of one whose record was lost."""
        sealed = self.sealed_posterior()
        if sealed is not None and sealed.complete:
            return COMPLETE
        return INTERRUPTED if self._keeps_anything() else RUNNING

    def _look_at_products(self) -> None:
        for name in self._products:
            file = place_of(self.path, name)
            state = "was altered or damaged" if file.is_file() else "was missing"
            if not self._is_intact(name):
                self._say(f"{file} {state}: it is written again")

    def _is_intact(self, name: str) -> bool:
        """Return whether a product is there as it was written."""
        file = place_of(self.path, name)
        return file.is_file() and sha256(file) == self._products[name]

    @staticmethod
    def _say(text: str) -> None:
        warnings.warn(text, RepairWarning, stacklevel=2)

    def _keeps_anything(self) -> bool:
        """Return whether anything was computed that products could be made from."""
        products = {PurePosixPath(name).parts[0] for name in self._products}
        follow = {RUN_FILE, LOCK_FILE, PROGRESS_FILE, *products}
        kept = [
            entry
            for entry in self.path.iterdir()
            if entry.name not in follow and not atomic.is_temporary(entry)
        ]
        return any(entry.suffix != ".csv" or has_rows(entry) for entry in kept)

    def _empty(self) -> None:
        """Remove all files except the lock, since no result was obtained."""
        with suppress(OSError):
            for entry in self.path.iterdir():
                if entry.is_dir():
                    rmtree(entry)
                elif entry.name != LOCK_FILE:
                    entry.unlink()

    def _remove_made(self) -> None:
        """Remove the folder, and those above it, if they were made for it and are empty."""
        with suppress(OSError):
            for folder in self._made:
                folder.rmdir()

    def _mark_interrupted(self) -> None:
        with suppress(OSError, DataError):
            record = read_run(self.path)
            if record["status"] == RUNNING:
                write_run(
                    self.path,
                    self.request,
                    INTERRUPTED,
                    report=record.get("report"),
                    products=self._products,
                )

    def _leave(self) -> None:
        if self._lock is not None:
            with suppress(OSError):
                self._lock.release()
            self._lock = None

    def keep(
        self, number: int, content: dict[str, Any], arrays: Mapping[str, Any] | None = None
    ) -> None:
        """Keep one finished point, so that no later accident can lose it.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        try:
            points.save_point(self.path, Point(self.identity, number, content, arrays or {}))
        except OSError as error:
            raise _cannot_write(self.path, error) from None

    def write(self, name: str, content: str | bytes) -> None:
        """Write a product, whole or not at all, unless it is there and unaltered.

        Parameters
        ----------
        name
            Its name, or its path below the folder.
        content
            A text, or bytes.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        file = place_of(self.path, name)
        content = content.encode("utf-8") if isinstance(content, str) else content
        try:
            for parent in reversed(file.relative_to(self.path).parents[:-1]):
                atomic.make_folder(self.path / parent)
            if not file.is_file() or file.read_bytes() != content:
                atomic.write_bytes(file, content)
        except OSError as error:
            raise _cannot_write(self.path, error) from None
        self._products[name] = hashlib.sha256(content).hexdigest()
        if name not in self._written:
            self._written.append(name)

    def begin_with(self, name: str, text: str) -> None:
        """Write a product that says what the run is, before it computes what is missing.

        A run that is killed can then be read, and is not taken for a complete one, also where it
        was complete and asks for more.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        self.write(name, text)
        report: Mapping[str, Any] = {}
        with suppress(DataError):
            report = read_run(self.path).get("report", {})
        try:
            write_run(self.path, self.request, RUNNING, report=report, products=self._products)
        except OSError as error:
            raise _cannot_write(self.path, error) from None

    def finish_with(
        self,
        posterior: bytes | None,
        *,
        complete: bool,
        report: Mapping[str, Any],
        keep_points: bool = False,
    ) -> None:
        """Write the posterior and the final record.

        Parameters
        ----------
        posterior
            A netCDF file; ``None`` if there is none, or it is there already.
        complete
            Whether all points are finished.
        report
            What came out, in a few words.
        keep_points
            Keep the points of a complete run, whose content is not in a posterior.

        Raises
        ------
        OutputError
            If they cannot be written.
        """
        try:
            if posterior is not None:
                sealed = Sealed(bytes(posterior), self.identity, complete)
                atomic.write_bytes(self.path / POSTERIOR_FILE, sealed.to_bytes())
            status = COMPLETE if complete else INTERRUPTED
            # Products are in the order in which they are written, the table of limits first. What
            # an earlier record has besides, and is not intact, is none: its name may be damaged.
            others = [one for one in self._products if one not in self._written]
            kept = [*self._written, *filter(self._is_intact, others)]
            self._products = {name: self._products[name] for name in kept}
            write_run(self.path, self.request, status, report=report, products=self._products)
            if complete and not keep_points:
                points.remove_points(self.path)
        except OSError as error:
            raise _cannot_write(self.path, error) from None


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(f"cannot write to {path}: {error.strerror or error}")
