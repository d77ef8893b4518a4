"""One command for each study: its options are the fields of its class, in words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic_core import PydanticUndefined

from bayes_cevns.cli.command import Command
from bayes_cevns.cli.completion import COMPLETED, experiment_words
from bayes_cevns.cli.execution import OPTIONS, Computing
from bayes_cevns.names import SNO_FLUX_NOTE
from bayes_cevns.signatures import with_signature
from bayes_cevns.studies.catalogue import STUDIES, study_class

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from bayes_cevns.progress.choice import Progress
    from bayes_cevns.studies.execution.choice import Where
    from bayes_cevns.studies.options import Option
    from bayes_cevns.studies.study import Result, Study

OTHER_SOURCE = "Another neutrino source, or a CSV file of your own."

_HELP_OF_CHANGES = {
    "runs": "Comma list of runs; all by default.",
    "source": OTHER_SOURCE,
    "data": "observed, or a projection: asimov (what is expected) or toy:SEED.",
    "exposure_scale": "Project to this many times the exposure.",
    "threshold_kev": "Project to another threshold, in keV.",
}
_NUMBERS = ("exposure_scale", "threshold_kev")
_FLAGS = {"source": ("--source", "--flux"), "threshold_kev": ("--threshold", "--threshold-kev")}

#: Settings of the sampler that a command line has.
_SETTINGS = {
    "draws": "Draws for each chain.",
    "tune": "Warm-up draws for each chain.",
    "chains": "Number of chains.",
    "cores": "Chains sampled at the same time.",
}

#: How solar neutrinos arrive, in the words of a command line.
PROPAGATION = {
    "flavours": "Flavours of solar neutrinos: three, or two as arXiv:2409.02003.",
    "earth": "The Earth, for solar neutrinos: year (nights and days) or none.",
    "detection": "With two flavours: density-matrix or propagation-basis.",
    "solar": "Name of a solar model.",
}


def add_command(app: typer.Typer, kind: str, *, whole: bool) -> None:
    """Add the command of a study.

    Parameters
    ----------
    app
        The application.
    kind
        Name of the study.
    whole
        Whether with its options, which means to load what it needs; otherwise what ``--help``
        says of it alone.
    """
    text = STUDIES[kind][2]
    if not whole:
        app.command(kind, help=text)(_only_named)
        return
    study = study_class(kind)

    class Words(Command):
        """Lets an option take several words: ``--free ee_u ee_d``."""

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            return super().parse_args(ctx, repeated(args, _several(study)))

    said = inspect.cleandoc(study.__doc__ or text).partition("\n\n")[0]
    app.command(kind, help=said, cls=Words)(_command(study))


def _only_named() -> None:
    raise AssertionError("a command is added whole before it is called")


def _command(study: type[Study[Any, Any, Any]]) -> Callable[..., None]:
    def command(context: typer.Context, **given: Any) -> None:
        from bayes_cevns.density.machine_code import load_ahead
        from bayes_cevns.studies.analysis_file import study_of

        load_ahead()
        said = {name: value for name, value in given.items() if _is_said(context, name)}
        out, computing = said.pop("out", None), Computing.taken_from(said)
        told = {name: said.pop(name, False) for name in ("quiet", "verbose")}
        progress = progress_of(**told)
        asked_for = study_of({"study": study.kind, **words_of(study, said)})
        if computing.shard is None:
            run_study(asked_for, out, progress, **computing.words)
        else:
            run_shard_of(asked_for, computing, out, progress)

    parameters = [
        inspect.Parameter(
            "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
        ),
        *_parameters(study),
    ]
    command.__name__ = study.kind
    return with_signature(command, inspect.Signature(parameters))


def _is_said(context: typer.Context, name: str) -> bool:
    """Return whether the command line has an option; of the others the study knows the default."""
    return getattr(context.get_parameter_source(name), "name", "") != "DEFAULT"


def _parameters(study: type[Study[Any, Any, Any]]) -> list[inspect.Parameter]:
    kind = inspect.Parameter.KEYWORD_ONLY

    def parameter(name: str, type_: Any, option: Any, default: Any) -> inspect.Parameter:
        return inspect.Parameter(name, kind, default=default, annotation=Annotated[type_, option])

    experiments = typer.Argument(
        help="One experiment, or several for a joint fit.",
        autocompletion=experiment_words,
    )
    found = [parameter("experiments", list[str], experiments, inspect.Parameter.empty)]
    for name in study.experiment_changes:
        flags = _FLAGS.get(name, (f"--{name.replace('_', '-')}",))
        option = typer.Option(*flags, help=_HELP_OF_CHANGES[name])
        type_ = float if name in _NUMBERS else str
        found.append(parameter(name, type_ | None, option, None))
    for name, field in study.model_fields.items():
        asked = study.option(name)
        if asked is not None:
            found.append(_of_field(name, field, asked, parameter))
    if "interaction" in study.model_fields or "interactions" in study.model_fields:
        text = (
            "Charges of the interaction 'vector', such as u=1,d=-1,nu_e=1, or a TOML file of them."
        )
        found.append(parameter("charges", str | None, typer.Option(help=text), None))
    if "settings" in study.model_fields:
        found += [
            parameter(name, int | None, typer.Option(f"--{name}", help=text), None)
            for name, text in _SETTINGS.items()
        ]
    if "propagation" in study.model_fields:
        found += [
            parameter(name, str | None, typer.Option(f"--{name}", help=text), None)
            for name, text in PROPAGATION.items()
        ]
    out = typer.Option("--out", help="Folder for the results; the same command goes on in it.")
    found.append(parameter("out", Path | None, out, None))
    found += [
        parameter(name, kind | None, typer.Option(f"--{name}", help=text), None)
        for name, (kind, text) in OPTIONS.items()
    ]
    found += [
        parameter(name, bool, option, False)
        for name, option in (("quiet", QUIET), ("verbose", VERBOSE))
    ]
    return found


def _of_field(
    name: str, field: FieldInfo, asked: Option, parameter: Callable[..., inspect.Parameter]
) -> inspect.Parameter:
    from bayes_cevns.studies.options import flags_of

    flags = list(flags_of(name, asked))
    default = field.default
    plain = isinstance(default, str | int | float)
    if asked.kind is bool and default is True:
        flags = [f"{flags[0]}/--no-{flags[0].removeprefix('--')}"]
    option = typer.Option(
        *flags,
        help=field.description,
        show_default=plain and default is not False,
        metavar=asked.metavar,
        autocompletion=COMPLETED.get(name),
    )
    required = default is PydanticUndefined
    type_: Any = list[str] if asked.many else asked.kind
    if required:
        return parameter(name, type_, option, inspect.Parameter.empty)
    return parameter(name, type_ | None, option, default if plain else None)


def words_of(study: type[Study[Any, Any, Any]], given: dict[str, Any]) -> dict[str, Any]:
    """Return the words of a study from what a command line says; what it does not say is left out.

    Raises
    ------
    ArgumentError, UnknownNameError
        If charges are wrong, or there is no such interaction.
    """
    from bayes_cevns.studies import words

    found = {key: value for key, value in given.items() if value not in (None, [], ())}
    for name, value in list(found.items()):
        asked = study.option(name) if name in study.model_fields else None
        if asked is not None and asked.kind is bool and value is False and _is_off(study, name):
            del found[name]
    for field, options in (("settings", _SETTINGS), ("propagation", PROPAGATION)):
        table = {name: found.pop(name) for name in options if name in found}
        if table:
            found[field] = table
    if "runs" in found:
        found["runs"] = words.listed(found["runs"])
    charges = found.pop("charges", None)
    if charges is not None and "interactions" in study.model_fields:
        found["interactions"] = words.interactions(found.get("interactions", ""), charges)
    elif charges is not None:
        found["interaction"] = words.interaction(found.get("interaction", "sm"), charges)
    return found


def _is_off(study: type[Study[Any, Any, Any]], name: str) -> bool:
    return study.model_fields[name].default is False


#: Options of every command that runs something.
QUIET = typer.Option("--quiet", "-q", help="No progress: results, warnings and errors alone.")
VERBOSE = typer.Option("--verbose", "-v", help="A line for each point when it is finished.")


def progress_of(*, quiet: bool, verbose: bool) -> Progress:
    """Return whom a command tells how far it is, on stderr.

    Raises
    ------
    ArgumentError
        If both are asked for.
    """
    from bayes_cevns.errors import ArgumentError
    from bayes_cevns.progress.choice import shown_progress

    if quiet and verbose:
        raise ArgumentError("--quiet and --verbose contradict each other: give one of them")
    return False if quiet else shown_progress(every_point=verbose)


def run_study(
    study: Study[Any, Any, Any],
    out: Path | None,
    progress: Progress,
    *,
    executor: Where = None,
    workers: int | None = None,
) -> None:
    """Run a study with its progress on stderr, print what it found, and draw it into its folder."""
    from bayes_cevns.figures.catalogue import save_figures
    from bayes_cevns.studies.costs import warning_of_time
    from bayes_cevns.studies.run import run

    if out is None and study.size() > 1 and progress is not False:
        typer.echo("no --out: nothing is kept but what is printed here", err=True)
    if progress is not False and (long := warning_of_time(study)):
        typer.echo(long, err=True)
    try:
        result: Result = run(study, out=out, progress=progress, executor=executor, workers=workers)
    except KeyboardInterrupt:
        if out is not None:
            typer.echo(f"what is finished is kept in {out}; the same command goes on", err=True)
        raise
    for line in result.lines():
        typer.echo(line)
    typer.echo(f"theory: {study.theory.text}")
    for name, choice in study.nuisance_priors.items():
        typer.echo(f"prior of {name}: {choice}")
        if (name, choice) == ("flux_8b", "sno"):
            typer.echo(SNO_FLUX_NOTE)
    for experiment in study.experiments:
        for mark, reason in experiment.card.reasons.items():
            typer.echo(f"{experiment.name} is {mark}: {reason}")
    for name, reason in result.failures().items():
        typer.echo(f"failed at {name}: {reason}", err=True)
    if out is not None:
        for path in save_figures(result, out):
            typer.echo(path)
        failed = len(result.failures())
        typer.echo(f"complete: {study.size()} points, {failed} failed, in {out}")


def run_shard_of(
    study: Study[Any, Any, Any], computing: Computing, out: Path | None, progress: Progress
) -> None:
    """Compute a share of the points of a study, with its progress on stderr."""
    from bayes_cevns.studies.run import run_shard

    found = run_shard(study, str(computing.shard), out=out, progress=progress, **computing.words)
    for name, reason in found.failures.items():
        typer.echo(f"failed at {name}: {reason}", err=True)
    typer.echo(
        f"shard {found.shard}: {found.points} of {found.total} points, {len(found.failures)} "
        f"failed, in {found.folder}; when all are there: bayes-cevns merge {out} --out FOLDER"
    )


def _several(study: type[Study[Any, Any, Any]]) -> list[str]:
    """Return the options of a study that take several words."""
    from bayes_cevns.studies.options import flags_of

    options = {name: study.option(name) for name in study.model_fields}
    return [
        flag
        for name, option in options.items()
        if option is not None and option.greedy
        for flag in flags_of(name, option)
    ]


def repeated(words: Sequence[str], options: Sequence[str]) -> list[str]:
    """Write ``--option a b,c`` as ``--option a --option b --option c``.

    An option takes all words up to the next one that begins with a dash.
    """
    from bayes_cevns.studies.words import words as separated

    found: list[str] = []
    option = None
    for word in words:
        if word.startswith("-"):
            name, equals, value = word.partition("=")
            option = name if name in options else None
            if option is None:
                found.append(word)
                continue
            word = value if equals else ""
        if option is None:
            found.append(word)
        else:
            found += [part for name in separated(word) for part in (option, name)]
    return found
