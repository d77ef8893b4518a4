"""Comparison of models of the same data: evidence, cross-validation, predictive checks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, override

from pydantic import PrivateAttr

from bayes_cevns.arguments import callbacks, listed, out_folder, path_of
from bayes_cevns.arguments import names as names_of
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.given import several_experiments
from bayes_cevns.errors import ArgumentError, DataError, shown
from bayes_cevns.physics.interactions import STANDARD_MODEL, interaction
from bayes_cevns.progress.choice import Progress, checked_progress
from bayes_cevns.specification.data_used import data_used
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.references import bibtex, citations
from bayes_cevns.storage.kept_run import KeptRun
from bayes_cevns.storage.record import COMPLETE, DATA_USED, read_run
from bayes_cevns.studies import experiment_words, words
from bayes_cevns.studies.comparison.assessment import Assessment, Findings, assess
from bayes_cevns.studies.comparison.comparable import check_same_assumptions, check_same_data
from bayes_cevns.studies.comparison.folders import FOLDERS, folders_in, refuse_options
from bayes_cevns.studies.comparison.result import Comparison
from bayes_cevns.studies.functions import function_of
from bayes_cevns.studies.identity import content_digest, run_request
from bayes_cevns.studies.load import load_study
from bayes_cevns.studies.options import (
    LargestCoupling,
    Mass,
    Option,
    PriorName,
    Settings,
    asked,
    checked,
)
from bayes_cevns.studies.parts import SampledParts
from bayes_cevns.studies.run import run
from bayes_cevns.studies.sample import ModelRun, SampleStudy
from bayes_cevns.studies.stores import ValueStore
from bayes_cevns.studies.study import Study
from bayes_cevns.summary.cross_validation import check_draws
from bayes_cevns.summary.fit import Fit

_IN_MEMORY = "runs in memory"


def _interactions(given: object) -> tuple[str, ...]:
    names = names_of(given, what="a list of interactions, such as ['b-l']")
    return tuple(name for name in names if name != STANDARD_MODEL)


class ComparisonStudy(Study[Findings, Assessment, Comparison]):
    """A comparison, whatever the models come from."""

    kind = "compare"

    @abstractmethod
    def run_of(self, number: int) -> ModelRun:
        """Return a model with its posterior; the first is what the others are compared with."""

    def _request_of(self, models: Sequence[dict[str, Any]], **rest: Any) -> dict[str, Any]:
        content = {e.name: content_digest(e) for e in self.experiments}
        used = {DATA_USED: data_used(self.experiments)}
        return {"study": self.kind, "content": content, **used, "models": list(models), **rest}

    @abstractmethod
    def _specs(self) -> list[ModelSpec]:
        """Return the models."""

    def size(self) -> int:
        """Return the number of models."""
        return len(self._specs())

    def store(self, folder: KeptRun | None) -> ValueStore[Findings]:
        """Return where it is kept what is said of the models."""
        return ValueStore(folder, Findings)

    def compute(self, number: int) -> Findings:
        """Sample a model, if it has not been, and say what is said of it."""
        return assess(self.run_of(number))

    def point(self, number: int, content: Findings) -> Assessment:
        """Return what is said of a model with the model."""
        return Assessment.of(self.run_of(number), content)

    @override
    def usable[Point](self, points: Mapping[int, Point]) -> dict[int, Point]:
        """Return the models up to one that is missing: they are compared with the first."""
        missing = next(number for number in range(len(points) + 1) if number not in points)
        return {number: points[number] for number in range(missing)}

    def has_failed(self, point: Assessment) -> bool:
        """Return whether something is wrong with a model."""
        return bool(point.reason)

    def said(self, point: Assessment) -> str:
        """Return the evidence of a model."""
        return f"{point.run.name}: ln Z {point.log_evidence:.3f}"

    def result(self, points: Mapping[int, Assessment]) -> Comparison:
        """Return the models side by side."""
        return Comparison.of(points.values())

    def references(self) -> str:
        """Return the BibTeX entries of what the models use."""
        cited = {key: None for spec in self._specs() for key in citations(spec)}
        return bibtex(tuple(cited))


class CompareStudy(ComparisonStudy):
    """Sample the Standard Model and some interactions, and compare them.

    Returns
    -------
    Comparison
        To the Standard Model. A model of which something is wrong is in it, with the reason.

    Raises
    ------
    ArgumentError, UnknownNameError, ChannelError, TableError, OutputError
        If something asked for does not exist or cannot be, before anything is sampled: an
        infinite `max_coupling` among it, with which a prior is improper.

    Notes
    -----
    An evidence is an average over the prior: twice the width of a prior that data do not reach
    halves it, which `Findings.bayes_factors` shows. Leaving out bins knows nothing of that. In
    `out` there is a folder ``models/NAME`` of each model, as `bayes_cevns.sample` writes it.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> compared = bc.compare_models(
    ...     "xenonnt_2024_s2", interactions=["scalar-universal"], mass_mev=10.0, seed=1
    ... )
    >>> compared.rows()[1]["model"]
    'scalar-universal'
    """

    interactions: Annotated[tuple[str, ...], checked(_interactions), Option(read=words.names)] = (
        asked("Names of interactions besides the Standard Model.", ())
    )
    mass_mev: Mass = asked("Mediator mass in MeV, of those that have one.", None)
    prior: PriorName = asked("Prior of the couplings: flat, flat-rate or log.", "flat")
    max_coupling: LargestCoupling = asked(
        "Upper end of the prior of the quoted coupling. By default the coupling that makes ten "
        "times the data, a rule that is the same for all interactions: their factors to each "
        "other depend on it little, those to the Standard Model do.",
        None,
    )
    settings: Settings = asked("How to sample.", None, validate_default=True)

    _parts: SampledParts = PrivateAttr()

    @classmethod
    def variant(cls, words: Mapping[str, Any]) -> type[Study[Any, Any, Any]]:
        """Return the comparison of runs where words name their folders."""
        return CompareRunsStudy if FOLDERS in words or folders_in(words) else cls

    def check_fields(self) -> None:
        """Check that no interaction comes twice, and that each has what it needs."""
        names = self.interactions
        if len(set(names)) < len(names):
            raise ArgumentError(f"an interaction is named twice: {', '.join(names)}")
        check_draws(self.settings.chains * self.settings.draws)
        models = [study.spec.interaction for study in self.samples.values()]
        if self.mass_mev is not None and not any(new and new.has_mass for new in models):
            raise ArgumentError(
                f"none of the models has a mediator, got a mass of {shown(self.mass_mev)} MeV: "
                "name an interaction that has one, or leave the mass out"
            )

    @cached_property
    def samples(self) -> dict[str, SampleStudy]:
        """What is sampled in each folder below."""
        names = (STANDARD_MODEL, *self.interactions)
        return {f"models/{name}": self._sample(name) for name in names}

    def _sample(self, name: str) -> SampleStudy:
        new = None if name == STANDARD_MODEL else interaction(name)
        if new is not None and new.has_mass and self.mass_mev is None:
            raise ArgumentError(f"{name!r} needs a {new.axis.name}, mass_mev (--mass)")
        common = {field: getattr(self, field) for field in (*Study.model_fields, "settings")}
        asked_for: dict[str, Any] = {
            **common,
            "interaction": name,
            "prior": self.prior,
            "mass_mev": self.mass_mev if new is not None and new.has_mass else None,
            "max_coupling": None if new is None else self.max_coupling,
        }
        return SampleStudy(**asked_for)

    @cached_property
    def spec(self) -> ModelSpec:
        """The Standard Model, with which the others are compared."""
        return self._specs()[0]

    def _specs(self) -> list[ModelSpec]:
        return [study.spec for study in self.samples.values()]

    def request(self) -> dict[str, Any]:
        """Return everything that decides the outcome."""
        models = [run_request(s.spec, s.mass, s.seed) for s in self.samples.values()]
        return self._request_of(models, settings=self.settings.as_request())

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return the requests of the models."""
        return {place: study.request() for place, study in self.samples.items()}

    def check(self) -> None:
        """Check that the tables reach the mass, and that priors can be made."""
        for study in self.samples.values():
            study.check()

    def store(self, folder: KeptRun | None) -> ValueStore[Findings]:
        """Return where it is kept what is said of the models; their fits are in folders below."""
        self._parts = SampledParts(folder, self.samples)
        return super().store(folder)

    @override
    def beside(self, number: int) -> dict[str, Fit]:
        """Return the fit of a model, if there is one."""
        return self._parts.known([list(self.samples)[number]])

    @override
    def take_beside(self, number: int, made: Mapping[str, Fit]) -> None:
        """Keep the fit of a model."""
        self._parts.take(made)

    def run_of(self, number: int) -> ModelRun:
        """Return a model with its posterior."""
        return self._parts[list(self.samples)[number]]


class CompareRunsStudy(ComparisonStudy):
    """Compare models that have been sampled.

    Attributes
    ----------
    runs, folders
        Models with their posteriors, in their order, and the folders that they were read from,
        empty for those in memory. What a comparison has in common is that of the first.
    """

    runs: Annotated[tuple[ModelRun, ...], checked(tuple)]
    folders: Annotated[tuple[str, ...], checked(tuple)]

    @classmethod
    def of(
        cls,
        runs: Sequence[ModelRun | Path | str],
        *,
        experiments: Sequence[Experiment] | None = None,
    ) -> CompareRunsStudy:
        """Return the comparison of some runs; see `compare`."""
        known = None if experiments is None else several_experiments(experiments)
        found = [
            (one, "") if isinstance(one, ModelRun) else _read(one, known) for one in _listed(runs)
        ]
        models = [model for model, _ in found]
        check_same_data(models)
        check_same_assumptions(models)
        found.sort(key=lambda pair: pair[0].name != STANDARD_MODEL)
        first, _ = found[0]
        return cls(
            runs=tuple(model for model, _ in found),
            folders=tuple(folder for _, folder in found),
            experiments=first.spec.experiments,
            nuisance_priors=dict(first.spec.nuisance_priors),
            **first.spec.theory.words,
            mixing=first.spec.mixing,
            allow_overlap=True,
            allow_conflict=True,
            seed=first.seed,
        )

    @classmethod
    def from_words(
        cls, words: Mapping[str, Any], *, experiments: Sequence[Experiment] | None = None
    ) -> CompareRunsStudy:
        """Return the comparison of the folders that words name."""
        folders = folders_in(words)
        if _IN_MEMORY in words.get("changed", ()):
            raise ArgumentError(
                f"this comparison was made in Python with {_IN_MEMORY}, which no file can hold: "
                "compare the folders of the runs"
            )
        refuse_options(CompareStudy, words, folders)
        return cls.of(folders, experiments=experiments)

    def to_words(self) -> dict[str, Any]:
        """Return the words that ask for this comparison: the folders."""
        _, changed = experiment_words.to_words(self.experiments, self.theory)
        if "" in self.folders:
            changed = [*changed, _IN_MEMORY]
        own = {"study": self.kind, "folders": [folder for folder in self.folders if folder]}
        return {**own, **({"changed": changed} if changed else {})}

    @cached_property
    def spec(self) -> ModelSpec:
        """The model that the others are compared with."""
        return self.runs[0].spec

    def _specs(self) -> list[ModelSpec]:
        return [model.spec for model in self.runs]

    def request(self) -> dict[str, Any]:
        """Return everything that decides the outcome: the models and their draws."""
        models = [run_request(model.spec, model.mass_mev, model.seed) for model in self.runs]
        return self._request_of(models, posteriors=[model.digest() for model in self.runs])

    def run_of(self, number: int) -> ModelRun:
        """Return a model with its posterior."""
        return self.runs[number]


def _listed(runs: Sequence[ModelRun | Path | str]) -> list[ModelRun | Path | str]:
    """Return the runs of a comparison after checking that they are a list of runs or folders."""
    found = list(listed(runs, what="a list of runs or of their folders"))
    if not found:
        raise ArgumentError("a comparison needs one model or more, got none")
    for one in found:
        if not isinstance(one, ModelRun):
            path_of(one, what="the folder of a run")
    return found


def _read(path: Path | str, experiments: Sequence[Experiment] | None) -> tuple[ModelRun, str]:
    """Return what `bayes_cevns.sample` has written into a folder, and the folder.

    Raises
    ------
    DataError, OutputError
        If it holds none, or it is not complete, or not as it was written.
    """
    folder = path_of(path, what="the folder of a run").absolute()
    record = read_run(folder)
    kind = record["request"].get("study")
    if kind != SampleStudy.kind:
        raise DataError(
            f"{folder} holds a run of {shown(kind)}: compare runs of `bayes-cevns sample --out`, "
            "one for each model"
        )
    if record["status"] != COMPLETE:
        raise DataError(f"{folder} holds no complete run of `sample`: give its command again")
    _, found = load_study(folder, experiments=experiments)
    assert isinstance(found, ModelRun)
    return found, str(folder)


def compare(
    runs: Sequence[ModelRun | Path | str],
    *,
    experiments: Sequence[Experiment] | None = None,
    out: Path | str | None = None,
    on_point: Callable[[Assessment], None] | None = None,
    on_compile: Callable[[], None] | None = None,
    progress: Progress = None,
) -> Comparison:
    """Compare models that have been sampled.

    Parameters
    ----------
    runs
        Folders that `bayes_cevns.sample` has written, or runs in memory, of the same data. The
        Standard Model, if it is among them, is what the others are compared with, otherwise the
        first one.
    experiments
        The experiments of the folders, where they were changed in Python.
    out
        Folder for the results, as `compare_models` writes them; the runs stay where they are. One
        of runs in memory cannot be read again: give their folders instead.
    on_point, on_compile
        Called after each model, and before what takes time until the first one.
    progress
        Whether progress is shown, as in `bayes_cevns.run`.

    Returns
    -------
    Comparison
        A model of which something is wrong is in it, with the reason.

    Raises
    ------
    ArgumentError
        If there are fewer than one, or their data or assumptions differ.
    DataError, OutputError
        If a folder holds no run, or one that was altered.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> for name in ("sm", "b-l"):
    ...     mass = None if name == "sm" else 10.0
    ...     run = bc.sample(
    ...         "xenonnt_2024_s2", interaction=name, mass_mev=mass, out=f"models/{name}", seed=1
    ...     )
    >>> [model.run.name for model in bc.compare(["models/sm", "models/b-l"]).models]
    ['sm', 'b-l']
    """
    folder = out_folder(out)
    callbacks(on_point=on_point, on_compile=on_compile)
    progress = checked_progress(progress)
    study = CompareRunsStudy.of(runs, experiments=experiments)
    return run(study, out=folder, on_point=on_point, on_compile=on_compile, progress=progress)


compare_models = function_of(CompareStudy, name="compare_models")
