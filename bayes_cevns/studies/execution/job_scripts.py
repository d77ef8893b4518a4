"""Scripts of jobs for SLURM and HTCondor: an array of shards, and a run with dask-jobqueue."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bayes_cevns.arguments import named, path_of
from bayes_cevns.errors import ArgumentError, OutputError, shown
from bayes_cevns.physics.checks import whole
from bayes_cevns.storage import atomic
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE, read_analysis
from bayes_cevns.studies.execution.shards import Shard

#: What a queue or an account may be called; a line of a script ends with it.
_NAME = re.compile(r"[\w.+:@/-]+", re.ASCII)
_DISK_GB = 2


@dataclass(frozen=True)
class Job:
    """What each job asks for.

    Attributes
    ----------
    cores, memory_gb, minutes
        Processors, memory and longest time. The chains of a fit are sampled side by side, as many
        as the settings of the analysis say (``cores``).
    queue, account
        SLURM partition, and account or accounting group; those of the site by default.
    setup
        Lines of shell before the work, such as ``"source ~/env/bin/activate"``.
    """

    cores: int = 2
    memory_gb: int = 4
    minutes: int = 120
    queue: str | None = None
    account: str | None = None
    setup: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, most in (("cores", 1024), ("memory_gb", 10_000), ("minutes", 100_000)):
            whole(getattr(self, name), what=name, least=1, most=most, why="no job is larger")
        for name in ("queue", "account"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, str) and _NAME.fullmatch(value)):
                raise ArgumentError(f"{name}: expected a name without blanks, got {shown(value)}")
        for line in self.setup:
            if not isinstance(line, str) or len(line.splitlines()) != 1:
                raise ArgumentError(f"setup: expected a line of shell, got {shown(line)}")

    @property
    def time(self) -> str:
        """Longest time in hours, minutes and seconds."""
        return f"{self.minutes // 60:02d}:{self.minutes % 60:02d}:00"


@dataclass(frozen=True)
class Plan:
    """Which analysis is run in how many jobs, and where to: absolute paths."""

    analysis: Path
    out: Path
    scripts: Path
    jobs: int
    job: Job

    @property
    def shards(self) -> Path:
        """Folder of the shards."""
        return self.out.with_name(f"{self.out.name}-shards")

    def command(self, *words: str | Path) -> str:
        """Return a line of shell that calls the command of this package with this Python."""
        call = [sys.executable, "-c", "from bayes_cevns.cli import main; main()", *map(str, words)]
        return " ".join(map(shlex.quote, call))

    def shard(self, place: str) -> str:
        """Return the line of shell that computes a shard, whose place is in a variable."""
        command = self.command("run", self.analysis, "--out", self.shards)
        return f'{command} --shard "{place}/{self.jobs}"'

    @property
    def merge(self) -> str:
        """The line of shell that joins the shards."""
        return self.command("merge", self.shards, "--out", self.out)


def write_scripts(
    system: str, analysis: Path | str, out: Path | str, folder: Path | str, *, jobs: int, job: Job
) -> list[Path]:
    """Write the scripts that run an analysis on a cluster.

    Parameters
    ----------
    system
        ``"slurm"`` or ``"htcondor"``.
    analysis
        An analysis file, or a folder with one.
    out
        Folder of the results; those of shards are beside it, in ``OUT-shards``.
    folder
        Folder for the scripts.
    jobs
        How many shards, and how many workers of dask.
    job
        What each of them asks for.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is no such system, the analysis cannot be read, or there are more jobs than points.
    OutputError
        If the scripts cannot be written.
    """
    scripts_of = _SYSTEMS[named(system, "batch system", _SYSTEMS)]
    file = path_of(analysis, what="an analysis file")
    file = (file / ANALYSIS_FILE if file.is_dir() else file).absolute()
    size = read_analysis(file).size()
    Shard.of(f"1/{whole(jobs, what='jobs', least=1, most=10_000, why='each has a point')}").numbers(
        size
    )
    target = path_of(out, what="out (--out)").absolute()
    scripts = path_of(folder, what="scripts").absolute()
    if not _NAME.fullmatch(str(scripts)):
        raise ArgumentError(
            f"scripts: expected a folder whose path has no blanks, got {shown(str(scripts))}"
        )
    texts = scripts_of(Plan(file, target, scripts, jobs, job))
    try:
        scripts.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            atomic.write_text(scripts / name, text)
            if name.endswith(".sh"):
                (scripts / name).chmod(0o755)
    except OSError as error:
        raise OutputError(f"cannot write to {scripts}: {error.strerror or error}") from None
    return [scripts / name for name in texts]


def _slurm(plan: Plan) -> dict[str, str]:
    """Return the scripts of SLURM by their names."""
    job = plan.job
    directives = {
        "nodes": "1",
        "ntasks": "1",
        "cpus-per-task": str(job.cores),
        "mem": f"{job.memory_gb}G",
        "time": job.time,
        **({} if job.queue is None else {"partition": job.queue}),
        **({} if job.account is None else {"account": job.account}),
    }
    array = {
        "job-name": "bayes-cevns",
        "array": f"1-{plan.jobs}",
        "output": f"{plan.scripts}/shard-%a.log",
        **directives,
    }
    merge = {"job-name": "bayes-cevns-merge", "output": f"{plan.scripts}/merge.log", **directives}
    options = {
        "cores": 1,
        "processes": 1,
        "job_cpu": job.cores,
        "memory": f"{job.memory_gb}GB",
        "walltime": job.time,
        "queue": job.queue,
        "account": job.account,
        "job_script_prologue": list(job.setup),
        "log_directory": str(plan.scripts),
    }
    return {
        "array.sh": _shell(_sbatch(array), job, plan.shard("$SLURM_ARRAY_TASK_ID")),
        "merge.sh": _shell(_sbatch(merge), job, plan.merge),
        "submit.sh": _shell("", job, _SUBMIT_SLURM.format(scripts=shlex.quote(str(plan.scripts)))),
        "dask_run.py": _dask("SLURMCluster", options, plan),
    }


def _sbatch(directives: Mapping[str, str]) -> str:
    return "".join(f"#SBATCH --{name}={value}\n" for name, value in directives.items())


def _shell(head: str, job: Job, *lines: str) -> str:
    return "\n".join([f"#!/bin/bash\n{head}set -eu", *job.setup, *lines]) + "\n"


def _htcondor(plan: Plan) -> dict[str, str]:
    """Return the scripts of HTCondor by their names."""
    job = plan.job
    asked = {
        "request_cpus": str(job.cores),
        "request_memory": f"{job.memory_gb}GB",
        "request_disk": f"{_DISK_GB}GB",
        "allowed_job_duration": str(60 * job.minutes),
        **({} if job.account is None else {"accounting_group": job.account}),
    }
    array = {
        "universe": "vanilla",
        "executable": f"{plan.scripts}/shard.sh",
        "arguments": "$(Process)",
        "output": f"{plan.scripts}/shard-$(Process).out",
        "error": f"{plan.scripts}/shard-$(Process).err",
        "log": f"{plan.scripts}/shards.log",
        "should_transfer_files": "NO",
        "getenv": "True",
        **asked,
    }
    options = {
        "cores": 1,
        "processes": 1,
        "memory": f"{job.memory_gb}GB",
        "disk": f"{_DISK_GB}GB",
        "job_script_prologue": list(job.setup),
        "job_extra_directives": {"RequestCpus": str(job.cores)},
        "log_directory": str(plan.scripts),
    }
    lines = "".join(f"{name} = {value}\n" for name, value in array.items())
    return {
        "array.sub": f"{lines}queue {plan.jobs}\n",
        "shard.sh": _shell("", job, plan.shard("$(($1 + 1))")),
        "merge.sh": _shell("", job, plan.merge),
        "dask_run.py": _dask("HTCondorCluster", options, plan),
    }


def _dask(cluster: str, options: Mapping[str, object], plan: Plan) -> str:
    given = {name: value for name, value in options.items() if value not in (None, [])}
    lines = "".join(f"    {name!r}: {value!r},\n" for name, value in given.items())
    return _DASK.format(
        cluster=cluster,
        options=f"{{\n{lines}}}",
        jobs=plan.jobs,
        analysis=repr(str(plan.analysis)),
        out=repr(str(plan.out)),
    )


_SUBMIT_SLURM = """\
job=$(sbatch --parsable {scripts}/array.sh)
sbatch --dependency=afterok:"${{job%%;*}}" {scripts}/merge.sh"""

_DASK = '''\
"""Run an analysis with workers of dask that {cluster} submits.

Run it where jobs can be submitted, with the Python that has bayes-cevns[cluster]; it goes on until
the analysis is done, and ends the jobs.
"""

from dask_jobqueue import {cluster}
from distributed import Client

import bayes_cevns as bc

OPTIONS = {options}
JOBS = {jobs}


def main():
    with {cluster}(**OPTIONS) as cluster, Client(cluster) as client:
        cluster.adapt(minimum_jobs=JOBS, maximum_jobs=JOBS)  # a job that ends is submitted again
        bc.run(bc.read_analysis({analysis}), out={out}, executor=client)


if __name__ == "__main__":
    main()
'''

_SYSTEMS: dict[str, Callable[[Plan], dict[str, str]]] = {"slurm": _slurm, "htcondor": _htcondor}
