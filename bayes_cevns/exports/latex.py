r"""What is quoted of a run as LaTeX: a table, and a macro for each number.

The table needs ``\usepackage{booktabs}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bayes_cevns import __version__
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.reports.account import Account
from bayes_cevns.reports.answers.answer import data_words, interaction_words, titles
from bayes_cevns.reports.quoted import (
    QuotedInterval,
    QuotedLimit,
    intervals_among,
    limits_among,
    quoted,
)
from bayes_cevns.reports.voices import Latex, macro_name
from bayes_cevns.studies.comparison.result import Comparison

_VOICE = Latex()
_HEAD = (
    f"% written by bayes_cevns {__version__}; numbers of fits that failed their gate are left out"
)
_KINDS = {"credible": "credible", "CL": "CL"}


def latex_files(account: Account) -> dict[str, bytes]:
    """Return ``numbers.tex`` with the macros and ``table.tex``, name -> content.

    Raises
    ------
    ArgumentError
        If the study quotes no number, or all of its fits failed.
    """
    macros = dict(_macros(account))
    if not macros:
        raise ArgumentError(
            f"{account.folder}: there is no number to quote in LaTeX, the study "
            f"{account.study.kind} has none whose fit passed its gate"
        )
    lines = [rf"\newcommand{{\{name}}}{{\ensuremath{{{text}}}}}" for name, text in macros.items()]
    return {
        "latex/numbers.tex": "\n".join([_HEAD, *lines, ""]).encode(),
        "latex/table.tex": "\n".join([_HEAD, *_table(account), ""]).encode(),
    }


def _macros(account: Account) -> Iterable[tuple[str, str]]:
    """Yield the name of the macro of each number, and the number as a formula without dollars."""
    names: dict[str, int] = {}
    for words, value, error in _numbers(account):
        name = macro_name(words)
        names[name] = names.get(name, 0) + 1
        if names[name] > 1:
            name = f"{name}{macro_name(str(names[name]))}"
        yield name, _VOICE.number(value, error).strip("$")


def _numbers(account: Account) -> Iterable[tuple[str, float, float | None]]:
    """Yield the words that name a number, the number and its error."""
    result, found = account.result, quoted(account.result)
    new = account.spec.interaction
    name = "" if new is None else new.name
    for one in limits_among(found):
        if one.passed and one.value is not None:
            mass = "" if one.mass_mev is None else f" {one.mass_mev:.6g} MeV"
            of = "" if one.of == "data" else f" {one.data}"
            what = f"limit {name}{mass} {one.side}{of}"
            yield what, one.value, one.mc_error
            if one.mc_error is not None:
                yield f"{what} error", one.mc_error, one.mc_error
    for piece in intervals_among(found):
        what = f"{piece.parameter} {100 * piece.level:.4g}"
        if piece.mass_mev is not None:
            what = f"{what} at {piece.mass_mev:.6g} MeV"
        error = abs(piece.high - piece.low) / 30.0
        yield f"{what} low", piece.low, error
        yield f"{what} high", piece.high, error
    if isinstance(result, Comparison):
        for model in result.models[1:]:
            if not model.reason and not result.reference.reason:
                factor, error = result.log_bayes_factor(model)
                yield f"log bayes factor {model.run.name}", factor, error
                yield f"log bayes factor {model.run.name} error", error, error


def _table(account: Account) -> list[str]:
    found = quoted(account.result)
    limits, intervals = limits_among(found), intervals_among(found)
    if account.spec.interaction is not None and limits:
        return _limits(account, limits, account.spec.interaction.coupling)
    if isinstance(account.result, Comparison):
        return _comparison(account, account.result)
    return _intervals(account, intervals)


def _limits(account: Account, limits: Sequence[QuotedLimit], coupling: Coupling) -> list[str]:
    sides = len({one.side for one in limits}) > 1
    kinds = len({(one.of, one.data) for one in limits}) > 1
    others = list(dict.fromkeys(name for one in limits for name in one.ratios))
    unit = "" if coupling.unit == "1" else f" [{_VOICE.unit(coupling).strip('~')}]"
    masses = any(one.mass_mev is not None for one in limits)
    heads = [
        *(["mass [MeV]"] if masses else []),
        *(["sign"] if sides else []),
        *(["data"] if kinds else []),
        f"{_VOICE.symbol(coupling)}{unit} $<$",
        "MC error",
        *(f"{_VOICE.text(name)} / this prior" for name in others),
    ]
    rows = []
    for one in limits:
        quoted_value = one.value if one.passed else None
        error = one.mc_error if one.passed else None
        rows.append(
            [
                *([_VOICE.given(one.mass_mev) if one.mass_mev is not None else ""] * masses),
                *([one.side] * sides),
                *([_VOICE.text(data_words(one.data))] * kinds),
                "failed" if quoted_value is None else _VOICE.number(quoted_value, error),
                "" if error is None else _VOICE.error(error),
                *(f"{one.ratios[n]:.2f}" if one.passed and n in one.ratios else "" for n in others),
            ]
        )
    first = limits[0]
    prior = f", prior {_VOICE.text(first.prior_text)}" if first.prior_text else ""
    kind = f"{'approximate ' if first.approximate else ''}{_KINDS[first.kind]}"
    caption = (
        f"{_VOICE.percent(first.level)} {kind} limits on {_VOICE.symbol(coupling)} "
        f"of {interaction_words(account.spec, _VOICE)} from {_experiments(account)}, "
        f"{data_words(first.data)}{prior}."
    )
    return _tabular(heads, rows, caption)


def _intervals(account: Account, intervals: Sequence[QuotedInterval]) -> list[str]:
    rows = [
        [
            _VOICE.text(piece.parameter),
            _VOICE.percent(piece.level),
            _VOICE.number(piece.low, abs(piece.high - piece.low) / 30.0),
            _VOICE.number(piece.high, abs(piece.high - piece.low) / 30.0),
            _VOICE.text(piece.at_bound),
        ]
        for piece in intervals
    ]
    kind = _KINDS[intervals[0].kind]
    caption = f"{kind[0].upper()}{kind[1:]} intervals from {_experiments(account)}."
    return _tabular(["parameter", "level", "from", "to", "end of the prior"], rows, caption)


def _comparison(account: Account, result: Comparison) -> list[str]:
    rows = []
    for model in result.models:
        factor, error = result.log_bayes_factor(model)
        good = not model.reason and not result.reference.reason
        name = interaction_words(model.run.spec, _VOICE)
        rows.append(
            [
                name,
                _VOICE.number(factor, error) if good else "failed",
                _VOICE.error(error) if good and error > 0.0 else "",
            ]
        )
    caption = (
        "Logarithms of Bayes factors to the first model from "
        f"{_experiments(account)}; they depend on the width of the prior."
    )
    return _tabular(["model", r"$\ln B$", "error"], rows, caption)


def _experiments(account: Account) -> str:
    keys = [key for experiment in account.experiments for key in experiment.card.cite]
    return f"{titles(account.experiments, _VOICE)}{_VOICE.cite(keys)}"


def _tabular(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> list[str]:
    return [
        r"\begin{table}",
        rf"\caption{{{caption}}}",
        rf"\begin{{tabular}}{{{'l' * len(heads)}}}",
        r"\toprule",
        rf"{' & '.join(heads)} \\",
        r"\midrule",
        *(rf"{' & '.join(row)} \\" for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
