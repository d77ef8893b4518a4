#!/usr/bin/env bash
# cores=4 of dask-jobqueue is four workers of one thread, cores=6 three workers of two.
#
# Guess    cores is how many threads a job has and memory how much it may use: one worker with both
#          of them, unless `processes` says otherwise. So a fit that needs the memory of the job and
#          runs its chains in threads has what was asked for.
# Found    Without `processes` the number of workers follows from the cores by a rule of its own, the
#          divisor nearest to the square root: 4 cores make 4 workers with a quarter of the memory
#          each, 6 make 3 of 2 threads, 12 make 4 of 3; a worker is killed at its part. With
#          cores=8, processes=3 they have 6 threads of the 8 that the job reserves.
# Versions dask-jobqueue 0.9.0, dask 2026.8.0, distributed 2026.8.0; Python 3.12 or newer.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "dask-jobqueue==0.9.0" "dask==2026.8.0" "distributed==2026.8.0"
"$folder/venv/bin/python" - <<'PY'
import re
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

from dask_jobqueue.slurm import SLURMJob


def workers(**asked):
    script = SLURMJob(
        scheduler="tcp://127.0.0.1:1", name="one", memory="16GB", **asked
    ).job_script()
    number = re.search(r"--nworkers (\d+)", script)
    threads = re.search(r"--nthreads (\d+)", script)
    memory = re.search(r"--memory-limit ([\d.]+)GiB", script)
    reserved = re.search(r"--cpus-per-task=(\d+)", script)
    return (
        int(number.group(1)) if number else 1,
        int(threads.group(1)), float(memory.group(1)), int(reserved.group(1)),
    )


found = {}
for asked in ({"cores": 4}, {"cores": 6}, {"cores": 12}, {"cores": 8, "processes": 3},
              {"cores": 4, "processes": 1}):
    number, threads, memory, reserved = workers(**asked)
    found[tuple(asked.values())] = (number, threads)
    print(f"{asked}: {number} workers of {threads} threads and {memory} GiB, {reserved} reserved")
    assert abs(number * memory - 14.9) < 0.1
assert found == {(4,): (4, 1), (6,): (3, 2), (12,): (4, 3), (8, 3): (3, 2), (4, 1): (1, 4)}
PY
