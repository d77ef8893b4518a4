"""Ways in which a process that runs a study comes to be: the same table from each of them."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).parent
STUDIES = HERE.parent / "tests" / "studies"
sys.path.append(str(STUDIES))

from accidents import Tally  # noqa: E402
from examples import tables  # noqa: E402

#: Studies that are started in every way: one that samples, one that profiles, and both of a grid.
KINDS = ("scan", "profile", "run")

#: What a fresh process does; also a cell of a notebook.
PROGRAM = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from examples import perform
perform({kind!r}, Path({out!r}))
"""


def performed(kind: str, out: str) -> None:
    """Run an example; found by its name in another process."""
    import warnings

    from examples import perform

    warnings.simplefilter("ignore")
    perform(kind, Path(out))


def program(kind: str, out: Path) -> str:
    """Return a program that runs an example."""
    paths = [str(STUDIES), str(HERE.parent)]
    return PROGRAM.format(paths=paths, kind=kind, out=str(out))


def _multiprocessing(method: str) -> Callable[[str, Path], None]:
    def start(kind: str, out: Path) -> None:
        with multiprocessing.get_context(method).Pool(1) as pool:
            pool.apply(performed, (kind, str(out)))

    return start


def _joblib(backend: str) -> Callable[[str, Path], None]:
    def start(kind: str, out: Path) -> None:
        from joblib import Parallel, delayed

        folders = [out, out.with_name(f"{kind}-beside")]
        both = (delayed(performed)(kind, str(folder)) for folder in folders)
        Parallel(n_jobs=2, backend=backend)(both)
        assert tables(folders[0]) == tables(folders[1]), "two at once are not alike"

    return start


def _dask(kind: str, out: Path) -> None:
    from distributed import Client, LocalCluster

    cluster = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster, set_as_default=False) as client:
        client.run(sys.path.append, str(HERE))
        client.submit(performed, kind, str(out)).result(timeout=300)


def _jupyter(kind: str, out: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(program(kind, out))])
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()


def _fresh(**environment: str) -> Callable[[str, Path], None]:
    def start(kind: str, out: Path) -> None:
        call = [sys.executable, "-c", program(kind, out)]
        there = {**os.environ, **environment}
        done = subprocess.run(call, env=there, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]

    return start


def ways(folder: Path) -> Mapping[str, Callable[[str, Path], None]]:
    """Return all ways by what is said of them."""
    alone = {"HOME": "/dev/null", "BAYES_CEVNS_CACHE": "", "TMPDIR": str(folder)}
    return {
        **{f"multiprocessing, {m}": _multiprocessing(m) for m in ("fork", "spawn", "forkserver")},
        **{f"joblib, {b}, two at once": _joblib(b) for b in ("loky", "threading")},
        "a worker of a dask cluster": _dask,
        "a cell of a notebook": _jupyter,
        "a fresh process": _fresh(),
        "a fresh process, no home": _fresh(**alone),
    }


def started(folder: Path, whole: Path) -> Iterator[tuple[str, Tally]]:
    """Yield what comes of each way.

    Parameters
    ----------
    folder
        Where studies are run.
    whole
        Folders of undisturbed runs, by the name of the study.
    """
    for words, start in ways(folder).items():
        tally = Tally()
        for kind in KINDS:
            out = folder / words.replace(" ", "-").replace(",", "") / kind
            out.parent.mkdir(exist_ok=True)
            tally.count(_wrong(start, kind, out, whole / kind))
        yield words, tally


def _wrong(start: Callable[[str, Path], None], kind: str, out: Path, whole: Path) -> str:
    """Return what is wrong with a study that was started in some way."""
    try:
        start(kind, out)
    except Exception as error:
        return f"{kind}: {json.dumps(f'{type(error).__name__}: {error}')}"
    return "" if tables(out) == tables(whole) else f"{kind}: other numbers"
