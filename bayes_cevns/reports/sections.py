"""What stands in the sections of a page: rows of tables and lists of words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayes_cevns.cards import Experiment
from bayes_cevns.errors import DataError
from bayes_cevns.names import ATOMS_TEXTS, MIXING_TEXTS, WEAK_CHARGES_TEXTS
from bayes_cevns.progress.file import read_progress
from bayes_cevns.reports.account import Account
from bayes_cevns.reports.answers.answer import data_words
from bayes_cevns.reports.priors import prior_rows
from bayes_cevns.reports.tables import Row, Rows
from bayes_cevns.storage.record import versions
from bayes_cevns.studies.comparison.assessment import predictive
from bayes_cevns.studies.comparison.result import Comparison
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.summary.fit import Fit

#: The most rows of a table that stand in a page.
_MOST = 400


@dataclass(frozen=True)
class Line:
    """A row of a table: its cells as texts, and whether it is of a fit that failed."""

    cells: tuple[str, ...]
    failed: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the run.

    Attributes
    ----------
    name, number
        Of its file, and how many rows it has.
    common
        Columns that say the same in all rows, as words.
    columns, rows
        The others.
    left
        Rows that are not shown.
    """

    name: str
    number: int
    common: str
    columns: tuple[str, ...]
    rows: tuple[Line, ...]
    left: int


def cell(value: Any) -> str:
    """Return the text of a value: numbers with five digits.

    >>> [cell(value) for value in (7.24872e-06, True, None, "flat")]
    ['7.2487e-06', 'yes', '', 'flat']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def tables(found: Mapping[str, Rows]) -> list[Table]:
    """Return the tables of a result for a page."""
    return [_table(name, rows) for name, rows in found.items() if rows]


def _table(name: str, rows: Rows) -> Table:
    columns = list(rows[0])
    same = [c for c in columns if all(row[c] == rows[0][c] for row in rows)]
    if len(rows) == 1:  # its numbers stand in the table
        same = [c for c in columns if not isinstance(rows[0][c], float) or c == "level"]
    kept = [c for c in columns if c not in same] or columns
    words = "; ".join(f"{c} {cell(rows[0][c])}" for c in same if rows[0][c] not in (None, ""))
    lines = tuple(
        Line(tuple(cell(row[c]) for c in kept), row.get("passed") is False) for row in rows[:_MOST]
    )
    return Table(name, len(rows), words, tuple(kept), lines, max(0, len(rows) - _MOST))


def experiment_lines(experiments: Sequence[Experiment]) -> list[Line]:
    """Return what data there are."""
    return [_experiment(one) for one in experiments]


def _experiment(one: Experiment) -> Line:
    runs, bins = one.observed.shape
    total = float(np.sum(one.observed.values))
    counts = "" if not math.isfinite(total) else f"{total:.6g}, "
    return Line(
        (
            one.name,
            one.card.heading,
            one.target.name,
            f"{float(np.sum(one.exposure_tonne_year.values)):.4g}",
            f"{', '.join(one.runs)} ({runs} x {bins})",
            f"{counts}{data_words(one.data)}",
            one.likelihood.title,
            ", ".join(one.card.cite),
        )
    )


def model_words(account: Account) -> list[tuple[str, str]]:
    """Return what is assumed: the interaction, its coupling, nuclei, charges, atoms, mixing."""
    spec, found = account.spec, []
    for one in account.specs:
        new = one.interaction
        if new is not None:
            found += [
                (f"Interaction {new.name}", f"{new.formula}. Cite: {', '.join(new.cite)}"),
                ("Coupling", f"{new.coupling.named}: {new.coupling.definition}"),
            ]
    if spec.couplings is not None:
        found.append(("Couplings", ", ".join(spec.couplings.names)))
    if not found:
        found.append(("Interaction", "none: the Standard Model"))
    theory = spec.theory
    found += [
        ("Form factor", theory.form_factor),
        ("Weak charges", f"{theory.weak_charges}: {WEAK_CHARGES_TEXTS[theory.weak_charges]}"),
        ("Atoms", f"{theory.atoms}: {ATOMS_TEXTS.get(theory.atoms, '')}"),
        ("Mixing", f"{spec.mixing}: {MIXING_TEXTS[spec.mixing]}"),
    ]
    return found


def prior_lines(account: Account) -> list[Line]:
    """Return all priors, of all models that the result has."""
    rows = {row: None for spec in account.specs for row in prior_rows(spec, account.fits)}
    return [Line((row.parameter, row.title, row.words, row.origin)) for row in rows]


@dataclass(frozen=True)
class GateWords:
    """What every fit had to fulfil, and how each of them did."""

    words: str
    rows: tuple[Line, ...]


def gate_of(account: Account) -> GateWords | None:
    """Return the gate and its figures; ``None`` where nothing was sampled."""
    gate = account.gate
    if gate is None:
        return None
    words = f"A fit passes if {gate.text}. What fails is not quoted."
    return GateWords(words, tuple(_fit(name, fit) for name, fit in account.fits.items()))


def _fit(name: str, fit: Fit) -> Line:
    quality = fit.quality
    return Line(
        (
            name,
            f"{float(quality['rhat'].max()):.4f}",
            f"{float(quality['ess_bulk'].min()):.0f}",
            f"{float(quality['ess_tail'].min()):.0f}",
            f"{int(quality['divergences'].sum())}",
            "passed" if fit.passed else f"failed: {fit.reason}",
        ),
        failed=not fit.passed,
    )


def check_lines(account: Account) -> list[Line]:
    """Return posterior predictive checks: of a comparison all, of one fit its own."""
    result = account.result
    if isinstance(result, Comparison):
        found = [(f"{m.run.name}, ", check) for m in result.models for check in m.predictive.checks]
    elif isinstance(result, ModelRun) and result.passed:
        found = [("", check) for check in predictive(result).checks]
    else:
        return []
    return [
        Line(
            (
                f"{model}{check.experiment}",
                check.run,
                check.observable,
                check.statistic,
                f"{check.observed:.4g}",
                f"{check.low:.4g} to {check.high:.4g}",
                f"{check.p_value:.2g}",
            )
        )
        for model, check in found
    ]


def provenance(account: Account) -> list[tuple[str, str]]:
    """Return versions, identity, seed, settings and times of a run."""
    record, study = account.record, account.study
    then = {str(name): str(text) for name, text in record.get("versions", {}).items()}
    found = [
        ("Study", study.kind),
        ("Status", str(record["status"])),
        ("Identity", str(record["identity"])),
        ("Written", str(record["written"])),
        ("Seed", str(study.seed)),
    ]
    with suppress(DataError):
        standing = read_progress(account.folder)
        found.append(("Time", f"{standing.seconds:.3g} s, begun {standing.started}"))
    settings = getattr(study, "settings", None)
    if settings is not None:
        words = {k: v for k, v in settings.as_request().items() if k != "gate"}
        found.append(("Sampler", "NUTS; " + ", ".join(f"{k} {v}" for k, v in words.items())))
    found.append(("Versions", ", ".join(f"{name} {text}" for name, text in then.items())))
    changed = [f"{name} {text}" for name, text in versions().items() if then.get(name) != text]
    if changed:
        found.append(("Read with", ", ".join(changed)))
    return found


def failure_lines(account: Account) -> list[Line]:
    """Return what failed, and why."""
    return [Line((name, why), failed=True) for name, why in account.failures.items()]


def data_lines(record: Row | Mapping[str, Any]) -> list[Line]:
    """Return the data files of a run with their digests."""
    return [Line((str(name), str(digest))) for name, digest in record.get("data", {}).items()]
