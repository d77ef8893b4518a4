"""Where a command computes: its options, and the commands of jobs on clusters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import typer

#: What a command line says of it: name of the option -> type and text.
OPTIONS: dict[str, tuple[type, str]] = {
    "workers": (int, "Processes of this machine that compute points; or of --scheduler dask."),
    "scheduler": (
        str,
        "Address of a dask scheduler, such as tcp://10.0.0.1:8786; or dask, a cluster here.",
    ),
    "shard": (str, "Compute a share of the points, such as 3/20, to be merged with the others."),
}


@dataclass(frozen=True)
class Computing:
    """Where points are computed, and which."""

    workers: int | None = None
    scheduler: str | None = None
    shard: str | None = None

    @classmethod
    def taken_from(cls, said: dict[str, Any]) -> Self:
        """Take the options out of what a command line says."""
        return cls(**{name: said.pop(name) for name in OPTIONS if name in said})

    @property
    def words(self) -> dict[str, Any]:
        """The arguments of `bayes_cevns.run`."""
        return {"executor": self.scheduler, "workers": self.workers}


def merge(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of shards, or what they are in.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the results.")] = None,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="No progress: results, warnings and errors alone."),
    ] = False,
) -> None:
    """Join the shards of a study, as a single run would have written them."""
    from bayes_cevns.cli.studies import progress_of, run_study
    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.studies.merge import merged

    if out is None:
        raise ArgumentError("merge needs a folder for the results: name an --out")
    study, executor = merged(folders or [], out=out)
    run_study(study, out, progress_of(quiet=quiet, verbose=False), executor=executor)
