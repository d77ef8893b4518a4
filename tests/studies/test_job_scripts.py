"""Scripts for clusters: every line is one that the batch system documents, and they are right."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from batch_options import CONDOR, CONDOR_ATTRIBUTES, SBATCH, SBATCH_SHORT
from examples import example

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.studies.analysis_file import to_toml
from bayes_cevns.studies.execution.job_scripts import Job, write_scripts

JOB = Job(cores=3, memory_gb=5, minutes=150, queue="short", account="neutrinos", setup=("true",))
SYSTEMS = ("slurm", "htcondor")


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("a folder") / "analysis.toml"
    file.write_text(to_toml(example("profile", masses_mev=[1.0, 10.0, 100.0])))
    return file


def written(system: str, analysis: Path, folder: Path) -> dict[str, str]:
    out = folder / "the results"
    paths = write_scripts(system, analysis, out, folder / "jobs", jobs=3, job=JOB)
    return {path.name: path.read_text() for path in paths}


def sbatch(script: str) -> dict[str, str]:
    """Return the options of a script, as sbatch reads it: up to the first command."""
    first, *lines = script.splitlines()
    assert first.startswith("#!"), first
    found = {}
    for line in lines:
        if not line.strip() or line.startswith(("# ", "##")):
            continue
        if not line.startswith("#SBATCH"):
            break
        (word, *more) = shlex.split(line.removeprefix("#SBATCH"))
        if word.startswith("--"):
            name, equals, value = word.removeprefix("--").partition("=")
        else:
            name, equals, value = SBATCH_SHORT[word[1]], "=", more.pop(0)
        assert name in SBATCH, line
        assert equals, line
        assert value, line
        assert not more, line
        assert name not in found, line
        found[name] = value
    return found


def condor(text: str) -> dict[str, str]:
    """Return the commands of a submit description."""
    found: dict[str, str] = {}
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for line in lines:
        words = line.split()
        if words[0].lower() == "queue":
            found["queue"] = " ".join(words[1:])
            continue
        name, equals, value = (word.strip() for word in line.partition("="))
        assert equals, line
        assert value, line
        assert "queue" not in found, "what stands behind queue is of the next jobs"
        known = name.lower() in CONDOR | CONDOR_ATTRIBUTES
        attribute = re.fullmatch(r"(MY\.|\+)\w+", name) is not None
        macro = f"$({name})" in text
        assert known or attribute or macro, line
        found[name.lower()] = value
    assert "queue" in found
    return found


def test_the_array_job_of_slurm(analysis: Path, tmp_path: Path) -> None:
    found = written("slurm", analysis, tmp_path)
    options = sbatch(found["array.sh"])
    assert options["array"] == "1-3"
    assert (options["cpus-per-task"], options["mem"], options["time"]) == ("3", "5G", "02:30:00")
    assert (options["partition"], options["account"]) == ("short", "neutrinos")
    assert sbatch(found["merge.sh"])["job-name"] == "bayes-cevns-merge"
    assert "--shard" in found["array.sh"]
    assert "$SLURM_ARRAY_TASK_ID/3" in found["array.sh"]


def test_the_array_job_of_htcondor(analysis: Path, tmp_path: Path) -> None:
    found = written("htcondor", analysis, tmp_path)
    commands = condor(found["array.sub"])
    assert commands["queue"] == "3"
    assert (commands["request_cpus"], commands["request_memory"]) == ("3", "5GB")
    assert (commands["allowed_job_duration"], commands["accounting_group"]) == ("9000", "neutrinos")
    assert commands["executable"] == str(tmp_path / "jobs" / "shard.sh")


@pytest.mark.parametrize("system", SYSTEMS)
def test_scripts_are_shell_and_python(system: str, analysis: Path, tmp_path: Path) -> None:
    for name, text in written(system, analysis, tmp_path).items():
        if name.endswith(".sh"):
            subprocess.run(["bash", "-n", str(tmp_path / "jobs" / name)], check=True)
            assert text.splitlines()[-1 if name != "submit.sh" else -2]
        elif name.endswith(".py"):
            compile(text, name, "exec")


@pytest.mark.parametrize(
    ("system", "script", "place"), [("slurm", "array.sh", []), ("htcondor", "shard.sh", ["1"])]
)
def test_the_jobs_of_an_array_and_their_merge_run(
    system: str, script: str, place: list[str], analysis: Path, tmp_path: Path
) -> None:
    """Each job calls this package with its shard: the second one here, whichever counts from 0."""
    write_scripts(system, analysis, tmp_path / "out", tmp_path / "jobs", jobs=3, job=JOB)
    done = subprocess.run(
        ["bash", str(tmp_path / "jobs" / script), *place],
        env={**environment(), "SLURM_ARRAY_TASK_ID": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "shard 2/3: 1 of 3 points, 0 failed" in done.stdout
    assert (tmp_path / "out-shards" / "shard-2-of-3" / "points" / "0001.npz").is_file()
    merged = subprocess.run(
        ["bash", str(tmp_path / "jobs" / "merge.sh")],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert merged.returncode == 2
    assert "2 of 3 points are in none of the 1 folders: 0, 2" in merged.stderr
    assert not (tmp_path / "out").exists()


def environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("system", SYSTEMS)
def test_what_dask_jobqueue_submits(system: str, analysis: Path, tmp_path: Path) -> None:
    """The options of the recipe make the job of a worker with one thread, which has all cores."""
    pytest.importorskip("dask_jobqueue")
    written(system, analysis, tmp_path)
    recipe = runpy.run_path(str(tmp_path / "jobs" / "dask_run.py"))
    kind = recipe["SLURMCluster" if system == "slurm" else "HTCondorCluster"].job_cls
    text = kind(scheduler="tcp://127.0.0.1:1", name="one", **recipe["OPTIONS"]).job_script()
    assert "--nthreads 1" in text
    assert "--nworkers 1" in text or "--nworkers" not in text
    if system == "slurm":
        options = sbatch(text)
        assert (options["cpus-per-task"], options["partition"]) == ("3", "short")
        assert (options["time"], options["account"]) == ("02:30:00", "neutrinos")
    else:
        assert condor(text)["requestcpus"] == "3"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"cores": 0}, "cores"),
        ({"memory_gb": 0}, "memory_gb"),
        ({"queue": "short\n#SBATCH --wrap=rm"}, "queue: expected a name"),
        ({"setup": ("one\ntwo",)}, "setup: expected a line"),
    ],
)
def test_a_job_that_cannot_be(asked: dict[str, object], says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        Job(**asked)  # type: ignore[arg-type]  # that is the point


def test_scripts_that_cannot_be(analysis: Path, tmp_path: Path) -> None:
    out, scripts = tmp_path / "out", tmp_path / "jobs"
    with pytest.raises(UnknownNameError, match="unknown batch system 'slrum'"):
        write_scripts("slrum", analysis, out, scripts, jobs=2, job=JOB)
    with pytest.raises(ArgumentError, match="of a study of 3 points"):
        write_scripts("slurm", analysis, out, scripts, jobs=4, job=JOB)
    with pytest.raises(ArgumentError, match="whose path has no blanks"):
        write_scripts("slurm", analysis, out, tmp_path / "a b", jobs=2, job=JOB)
    assert not scripts.exists()
