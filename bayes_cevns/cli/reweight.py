"""The command that adds experiments or other priors to a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bayes_cevns.studies.reweight import Reweighted


def reweight(
    folder: Annotated[Path, typer.Argument(help="Folder of a run of sample or scan.")],
    add: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="NAME", help="A further experiment; may be repeated."),
    ] = None,
    nuisance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PRIOR",
            help="Another prior of a nuisance: flux_8b=sno of its card, or flux_8b=1.0+-0.05; may "
            "be repeated.",
        ),
    ] = None,
    level: Annotated[
        float | None, typer.Option(help="Credible level; that of the run by default.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of nuisances that the run does not have.")] = 1,
    allow_overlap: Annotated[
        bool, typer.Option("--allow-overlap", help="Accept experiments that share exposure.")
    ] = False,
    allow_conflict: Annotated[
        bool,
        typer.Option("--allow-conflict", help="Accept experiments that contradict each other."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="A new folder for tables and figures.")
    ] = None,
) -> None:
    """Add experiments or other priors to a finished run by weights of its draws."""
    from bayes_cevns.arguments import out_folder
    from bayes_cevns.errors import OutputError
    from bayes_cevns.studies import words
    from bayes_cevns.studies.reweight import reweighted

    place = out_folder(out)
    if place is not None and place.is_dir() and any(place.iterdir()):
        raise OutputError(f"{place} holds other files: expected a new folder, name another --out")
    found = reweighted(
        folder,
        experiments=[name for each in add or [] for name in words.words(each)],
        nuisance_priors=words.choices(nuisance or [], what="--nuisance"),
        level=level,
        seed=seed,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
    )
    for line in found.lines():
        typer.echo(line)
    for name, reason in found.failures().items():
        typer.echo(f"failed at {name}: {reason}", err=True)
    if place is not None:
        for path in write(found, place):
            typer.echo(path)


def write(found: Reweighted, place: Path) -> list[Path]:
    """Write tables and figures into a new folder, which is whole or not there.

    Parameters
    ----------
    found
        A run that was reweighted.
    place
        The folder; it may exist if it is empty.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    from bayes_cevns.errors import OutputError
    from bayes_cevns.figures.catalogue import save_figures
    from bayes_cevns.specification.references import bibtex, citations
    from bayes_cevns.storage import atomic

    texts = {**found.tables(), "citations.bib": bibtex(citations(found.spec))}
    try:
        with atomic.new_folder(place) as folder:
            for name, text in texts.items():
                atomic.write_text(folder / name, text)
            names = [*texts, *(path.name for path in save_figures(found, folder))]
    except OSError as error:
        raise OutputError(
            f"cannot write to {place}: {error.strerror or error}; name a new folder"
        ) from None
    return [place / name for name in names]
