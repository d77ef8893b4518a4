"""Which columns of each table are variables of HEPData, which are errors, which qualify them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bayes_cevns.reports.tables import Row, Rows


@dataclass(frozen=True)
class Dependent:
    """A dependent variable.

    Attributes
    ----------
    column
        The column of its values.
    error
        The column of their standard error, if there is one, and its label.
    bands
        Label of an interval -> the columns of its lower and upper ends.
    """

    column: str
    error: str = ""
    label: str = ""
    bands: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Layout:
    """How a table becomes tables of HEPData.

    Attributes
    ----------
    by
        Columns whose values make one table each.
    along
        Independent variables; those that no row has are left out.
    values
        Dependent variables.
    words
        What the tables have, in a sentence.
    """

    by: tuple[str, ...]
    along: tuple[str, ...]
    values: tuple[Dependent, ...]
    words: str


_MC = "Monte-Carlo"
_TOYS = "number of toys"

LAYOUTS = {
    "limits.csv": Layout(
        ("side",), ("mass_mev",), (Dependent("limit", "mc_error", _MC),), "Limits on the coupling"
    ),
    "bands.csv": Layout(
        ("band",),
        ("mass_mev",),
        (Dependent("low"), Dependent("high"), Dependent("probability")),
        "Highest-density region of the coupling with the sign of the amplitude, one piece",
    ),
    "limits_cl.csv": Layout(
        ("side",),
        ("mass_mev",),
        (Dependent("limit"), Dependent("best_fit"), Dependent("critical_value")),
        "Limits on the coupling from the profile likelihood",
    ),
    "intervals_cl.csv": Layout(
        ("interval",),
        ("mass_mev",),
        (Dependent("low"), Dependent("high")),
        "Confidence region from the profile likelihood, one piece",
    ),
    "intervals.csv": Layout(
        ("level",),
        ("parameter", "unit"),
        (Dependent("low"), Dependent("high"), Dependent("branch_weight")),
        "Credible intervals of couplings, each marginalised over the others",
    ),
    "parameters.csv": Layout(
        ("level",),
        ("parameter",),
        (Dependent("median", bands=(("central interval", "low", "high"),)),),
        "Medians and central credible intervals of nuisances",
    ),
    "sensitivity.csv": Layout(
        ("side",),
        ("mass_mev",),
        (
            Dependent("observed", "observed_error", _MC),
            Dependent("asimov", "asimov_error", _MC),
            Dependent(
                "median",
                "median_error",
                _TOYS,
                (
                    ("1 sigma of toys", "minus_1_sigma", "plus_1_sigma"),
                    ("2 sigma of toys", "minus_2_sigma", "plus_2_sigma"),
                ),
            ),
        ),
        "Observed and expected limits on the coupling",
    ),
    "prior_sensitivity.csv": Layout(
        ("side",),
        ("prior",),
        (Dependent("limit", "mc_error", _MC), Dependent("ratio")),
        "Limits on the coupling with several priors",
    ),
    "compare.csv": Layout(
        (),
        ("model",),
        (
            Dependent("log_evidence", "log_evidence_error", _MC),
            Dependent("log_bayes_factor", "log_bayes_factor_error", _MC),
            Dependent("elpd_difference", "elpd_difference_se", "standard error"),
            Dependent("ppc_p_value"),
        ),
        "Models compared with the first one",
    ),
    "bayes_factors.csv": Layout(
        ("model",),
        ("max_coupling",),
        (Dependent("log_bayes_factor", "log_bayes_factor_error", _MC),),
        "Bayes factor to the Standard Model against the upper end of the prior of the coupling",
    ),
    "checks.csv": Layout(
        ("model",),
        ("experiment", "run", "observable", "statistic"),
        (
            Dependent("observed"),
            Dependent("median", bands=(("central 95% of replicas", "low", "high"),)),
            Dependent("p_value"),
        ),
        "Posterior predictive checks: data beside replicas",
    ),
    "uniformity.csv": Layout(
        (), ("quantity",), (Dependent("p_value"),), "Test of uniform ranks of truths"
    ),
    "coverage.csv": Layout(
        ("interval", "level"),
        ("truth", "quantity"),
        (Dependent("true_coupling"), Dependent("coverage", "error", "binomial")),
        "How often intervals hold a truth",
    ),
}


@dataclass(frozen=True)
class Part:
    """The rows of one table of HEPData.

    Attributes
    ----------
    source
        Name of the CSV table.
    layout
        How it is laid out.
    group
        Its values of the columns `Layout.by`.
    rows
        The rows whose fits passed their gate.
    left_out
        How many rows were left out since their fits failed.
    """

    source: str
    layout: Layout
    group: tuple[tuple[str, Any], ...]
    rows: Rows
    left_out: int

    @property
    def name(self) -> str:
        """A name that no other part of a run has."""
        words = [self.source.removesuffix(".csv").replace("_", " ")]
        words += [f"{key} {_text(value)}" for key, value in self.group]
        return " ".join(words)

    @property
    def along(self) -> tuple[str, ...]:
        """The independent variables that rows have; the interaction where they have none."""
        found = tuple(c for c in self.layout.along if any(r.get(c) is not None for r in self.rows))
        return found or ("interaction",)

    @property
    def values(self) -> tuple[Dependent, ...]:
        """The dependent variables that rows have."""
        listed = self.layout.values
        return tuple(v for v in listed if any(r.get(v.column) is not None for r in self.rows))


def parts_of(source: str, rows: Rows) -> Iterator[Part]:
    """Yield the parts of a table that have a row whose fit passed."""
    layout = LAYOUTS[source]
    groups: dict[tuple[tuple[str, Any], ...], Rows] = {}
    for row in rows:
        groups.setdefault(tuple((key, row[key]) for key in layout.by), []).append(row)
    for group, own in groups.items():
        good = [row for row in own if is_quotable(row, layout)]
        if good:
            yield Part(source, layout, group, good, len(own) - len(good))


def is_quotable(row: Row, layout: Layout) -> bool:
    """Return whether the fit of a row passed its gate, and has any of the values."""
    passed = row.get("passed") is not False
    return passed and any(row.get(value.column) is not None for value in layout.values)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
