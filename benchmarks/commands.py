"""Measure time and memory of each command; writes COMMANDS.md, which the documentation shows.

Every command runs twice in a process of its own, with the default settings, and the second run is
counted: what Numba compiles once on a machine is there then.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import bayes_cevns as bc

PAGE = Path(__file__).parent / "COMMANDS.md"

_MODEL = "--interaction scalar-universal"

#: What is measured; in place of OUT stands a folder of its own.
COMMANDS = (
    "list interactions",
    "rates xenonnt_cevns",
    "spectrum --target Xe --energies 0.1,0.5,1",
    f"sample xenonnt_cevns {_MODEL} --mass 10",
    f"scan xenonnt_cevns {_MODEL} --masses 0.1:1000:61 --out OUT",
    f"scan coherent_csi {_MODEL} --masses 0.1:1000:13 --out OUT",
    "scan xenonnt_cevns pandax4t_paired conus_plus_spectrum "
    f"{_MODEL} --masses 0.1:1000:13 --out OUT",
    f"preview xenonnt_cevns {_MODEL} --masses 0.1:1000:61",
    f"profile xenonnt_cevns {_MODEL} --masses 0.1:1000:13 --out OUT",
    "couplings coherent_csi --free ee_u ee_d --out OUT",
    f"sensitivity xenonnt_cevns {_MODEL} --masses 10 --toys 50 --out OUT",
    "compare xenonnt_2024_s2 --interactions scalar-universal --mass 10 --out OUT",
    f"prior-sensitivity xenonnt_cevns {_MODEL} --mass 10 --out OUT",
    f"calibrate xenonnt_2024_s2 {_MODEL} --mass 10 --fits 100 --out OUT",
    f"coverage xenonnt_2024_s2 {_MODEL} --mass 10 --toys 40 --precision 0.1 --out OUT",
)

TEXT = """\
# Time and memory of each command

Written by `benchmarks/commands.py`; do not edit. bayes_cevns {version}, Python {python}, {cores}
cores of {processor}, {busy}. Seconds by the clock and of the processor, and the most memory of the
process, of a second run with default settings (4 chains of 1000 draws). The first fit on a machine
takes two seconds more, for what is compiled once.

| command | seconds | of the processor | memory [MB] |
|---|--:|--:|--:|
"""


@dataclass(frozen=True)
class Measured:
    """Seconds by the clock and of the processor, and the most memory, of one process."""

    seconds: float
    processor_seconds: float
    memory_mb: float

    @property
    def cells(self) -> str:
        """The cells of a table."""
        return f"{self.seconds:.1f} | {self.processor_seconds:.1f} | {self.memory_mb:.0f}"


def measure(command: str) -> Measured:
    """Run a command twice and measure the second run.

    Raises
    ------
    RuntimeError
        If the command fails.
    """
    return [_run(command) for _ in range(2)][-1]


def _run(command: str) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        words = command.replace("OUT", f"{folder}/out").split()
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", "from bayes_cevns.cli import main; main()", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
    if process.returncode != 0:
        raise RuntimeError(f"{command}: {said.decode()}")
    return Measured(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def processor() -> str:
    """Return the name of the processor, as far as it is known."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> None:
    """Measure all commands and write the page."""
    cores = os.process_cpu_count() or 1
    load = os.getloadavg()[0]
    rows = []
    for command in COMMANDS:
        measured = measure(command)
        shown = command.replace(" --out OUT", "")
        rows.append(f"| `bayes-cevns {shown}` | {measured.cells} |")
        print(rows[-1], flush=True)
    head = TEXT.format(
        version=bc.__version__,
        python=platform.python_version(),
        cores=cores,
        processor=processor(),
        busy="busy with other work" if load > 0.5 * cores else "otherwise idle",
    )
    PAGE.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
