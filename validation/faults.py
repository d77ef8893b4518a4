"""Every study, killed, interrupted, started twice and damaged: `make faults` writes faults.md.

Options: ``--every N`` (one in N of the accidents; 1 takes an hour), and names of studies.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from code_commit import code_commit

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests" / "studies"))

from accidents import DAMAGES, MOMENTS, Accidents, Tally, remembering  # noqa: E402
from examples import EXAMPLES, example  # noqa: E402

from bayes_cevns.studies.run import run  # noqa: E402

OUT = HERE / "faults.md"
HEAD = """# Studies under accidents

Written by `make faults`; do not edit. Code: {commit}. One in {every} of the accidents,
of the studies in the table.

A small example of each study is run once undisturbed. After each accident the folder is read, the
same study is run again in it, and it is read once more. *Survived*: all tables are those of the
undisturbed run (but for `seconds`), no file is left or missing, and what was read before the second
run was these numbers, fewer of them with a warning, or a line that refuses them. *Refused*: the
second run ends with one line of the package. *Lost*: anything else, such as other numbers, fewer of
them without a word, or a traceback.

- *SIGKILL*, *SIGTERM*, *SIGINT*: before one of the calls {moments} of the run, spread evenly.
- *two at once*: two processes in one folder. *interrupted when finished*: no file is touched.
- *damaged*: a file of a finished folder, or of one whose run was killed in its middle, is
  {damages}.

| study | accident | tried | survived | refused with one line | lost |
| -- | -- | -- | -- | -- | -- |
"""


def all_of(own: Accidents, every: int) -> Iterator[tuple[str, Tally]]:
    """Yield what comes of each kind of accident."""
    most = own.moments()
    for place, kill in enumerate((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)):
        yield kill.name, own.stop(kill, range(1 + place * every // 3, most + 1, every))
    yield "two at once", own.two(1)
    yield "interrupted when finished", own.stop_a_finished_one()
    yield "damaged, finished", own.damage(own.whole, every)
    yield "damaged, killed", own.damage(own.stopped(), every, every // 2)


def main() -> None:
    """Let all accidents happen, and write the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--every", type=int, default=6)
    asked.add_argument("studies", nargs="*", default=list(EXAMPLES))
    given = asked.parse_args()
    warnings.simplefilter("ignore")
    rows: list[str] = []
    notes: dict[str, list[str]] = {"Refused": [], "Lost": []}
    with tempfile.TemporaryDirectory() as name, remembering():
        whole, commit = Path(name) / "whole", code_commit()
        for kind in given.studies:
            run(example(kind), out=whole / kind, judged=False)
            folder = Path(name) / kind
            folder.mkdir()
            for accident, found in all_of(Accidents(kind, whole / kind, folder), given.every):
                numbers = (found.tried, found.survived, len(found.refused), len(found.lost))
                rows.append(f"| {kind} | {accident} | {' | '.join(map(str, numbers))} |")
                notes["Refused"] += found.refused
                notes["Lost"] += found.lost
                print(rows[-1], *found.refused, *found.lost, sep="\n", flush=True)
            OUT.write_text(page(commit, given.every, rows, notes))


def page(commit: str, every: int, rows: list[str], notes: dict[str, list[str]]) -> str:
    """Return the text of faults.md."""
    moments, damages = ", ".join(MOMENTS), ", ".join(DAMAGES)
    text = HEAD.format(commit=commit, every=every, moments=moments, damages=damages)
    text += "\n".join(rows) + "\n"
    for title, lines in notes.items():
        if lines:
            text += f"\n## {title}\n\n" + "".join(f"- {' '.join(one.split())}\n" for one in lines)
    return text


if __name__ == "__main__":
    main()
