"""Scripts for the jobs of a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def cluster(
    system: Annotated[str, typer.Argument(help="slurm or htcondor.")],
    analysis: Annotated[
        Path, typer.Argument(help="An analysis file, such as the analysis.toml of a folder.")
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the results.")] = None,
    scripts: Annotated[Path, typer.Option(help="Folder for the scripts.")] = Path("jobs"),
    jobs: Annotated[int, typer.Option(help="Shards of the array job, and workers of dask.")] = 20,
    cores: Annotated[int, typer.Option(help="Processors of each job.")] = 2,
    memory_gb: Annotated[int, typer.Option(help="Memory of each job, in GB.")] = 4,
    minutes: Annotated[int, typer.Option(help="Longest time of a job.")] = 120,
    queue: Annotated[str | None, typer.Option(help="SLURM partition.")] = None,
    account: Annotated[str | None, typer.Option(help="Account, or accounting group.")] = None,
    setup: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LINE",
            help="Line of shell before each job, such as 'source ~/env/bin/activate'.",
        ),
    ] = None,
) -> None:
    """Write scripts for a cluster: an array job of shards, and workers of dask."""
    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.studies.execution.job_scripts import Job, write_scripts

    if out is None:
        raise ArgumentError("cluster needs the folder that the jobs write to: name an --out")
    job = Job(
        cores=cores,
        memory_gb=memory_gb,
        minutes=minutes,
        queue=queue,
        account=account,
        setup=tuple(setup or ()),
    )
    for path in write_scripts(system, analysis, out, scripts, jobs=jobs, job=job):
        typer.echo(path)
