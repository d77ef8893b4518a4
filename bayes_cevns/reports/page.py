"""A run as one page of HTML that needs nothing else: `bayes-cevns report FOLDER`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bayes_cevns import __version__
from bayes_cevns.arguments import path_of
from bayes_cevns.errors import OutputError
from bayes_cevns.reports import sections
from bayes_cevns.reports.account import Account, read_account
from bayes_cevns.reports.answers.answer import interaction_words
from bayes_cevns.reports.answers.catalogue import answer_of
from bayes_cevns.reports.graph import model_graph
from bayes_cevns.reports.published import beside_published
from bayes_cevns.reports.voices import Plain, listed
from bayes_cevns.specification.references import bibtex
from bayes_cevns.storage import atomic
from bayes_cevns.storage.record import COMPLETE
from bayes_cevns.studies.analysis_file import ANALYSIS_FILE

#: Name of the page in the folder of a run.
REPORT_FILE = "report.html"

#: Sections that a page may have, in their order, with their headings.
_SECTIONS = {
    "answer": "Answer",
    "figures": "Figures",
    "model": "Data and model",
    "priors": "Priors",
    "gate": "Gate",
    "failures": "Failures",
    "checks": "Predictive checks",
    "results": "Tables",
    "published": "Published limits",
    "provenance": "Provenance",
    "rerun": "Run again",
    "cite": "Cite",
}


def report(
    folder: Path | str, *, out: Path | str | None = None, profile: Path | str | None = None
) -> Path:
    """Write a page about a run: its answer, data, model, priors, checks and provenance.

    Parameters
    ----------
    folder
        The folder of a run, of any study.
    out
        The file; ``report.html`` in the folder by default.
    profile
        The folder of a profile of the same model, whose limits at a confidence level are named
        beside the credible ones.

    Returns
    -------
    Path
        The file. It is one page that loads nothing: figures, styles and tables are in it.

    Raises
    ------
    ArgumentError
        If the folder is that of a grid, or the profile is of another model.
    DataError
        If there is no run, its files were altered, or its data, its cards or the package have
        changed since.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.scan(
    ...     "conus_plus", interaction="b-l", masses_mev=[10.0], seed=1, out="b-l"
    ... )
    >>> bc.report("b-l").name
    'report.html'
    """
    path = path_of(folder, what="the folder of a run")
    file = path / REPORT_FILE if out is None else path_of(out, what="the file of a page")
    if file.is_dir():
        raise OutputError(f"{file} is a folder: name the file of the page, such as report.html")
    other = None if profile is None else path_of(profile, what="the folder of a profile")
    account = read_account(path)
    beside = None if other is None else read_account(other)
    text = html(account, beside)
    try:
        atomic.write_text(file, text)
    except OSError as error:
        raise OutputError(f"cannot write {file}: {error.strerror or error}") from None
    return file


def html(account: Account, profile: Account | None = None) -> str:
    """Return the page of a run, as `report` writes it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("bayes_cevns.reports", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("page.html.j2").render(_content(account, profile))
    return text if text.endswith("\n") else f"{text}\n"


def _content(account: Account, profile: Account | None) -> dict[str, Any]:
    """Return what the template takes."""
    from bayes_cevns.figures.catalogue import figures_of
    from bayes_cevns.reports.images import images

    found: dict[str, Any] = {
        "version": __version__,
        "style": _style(),
        "title": _title(account),
        "kind": account.study.kind,
        "answer": answer_of(account, profile=profile),
        "figures": images(figures_of(account.result)),
        "experiments": sections.experiment_lines(account.experiments),
        "model": sections.model_words(account),
        "graph": model_graph(account.specs[-1]),
        "priors": sections.prior_lines(account),
        "gate": sections.gate_of(account),
        "failures": sections.failure_lines(account),
        "checks": sections.check_lines(account),
        "tables": sections.tables(account.rows),
        "published": beside_published(account),
        "provenance": sections.provenance(account),
        "data": sections.data_lines(account.record),
        "rerun": f"bayes-cevns rerun {account.folder}",
        "analysis": (account.folder / ANALYSIS_FILE).read_text(encoding="utf-8"),
        "bibtex": bibtex(account.keys),
        "folder": account.folder,
    }
    status, bad = _status(account)
    empty = [name for name in _SECTIONS if name in found and not found[name]]
    listed_there = [(name, text) for name, text in _SECTIONS.items() if name not in empty]
    return {**found, "status": status, "bad": bad, "sections": listed_there}


def _style() -> Any:
    from markupsafe import Markup

    return Markup(Path(__file__).with_name("page.css").read_text(encoding="utf-8"))


def _title(account: Account) -> str:
    what = listed(dict.fromkeys(interaction_words(spec, Plain()) for spec in account.specs))
    names = listed(experiment.name for experiment in account.experiments)
    return f"{what[0].upper()}{what[1:]}: {names}"


def _status(account: Account) -> tuple[str, bool]:
    """Return what the page says of the run as a whole, and whether that is bad."""
    failed = len(account.failures)
    if account.record["status"] != COMPLETE:
        return f"{account.record['status']}: not all points are finished", True
    if failed:
        return f"complete, {failed} failed", True
    passed = "complete" if account.gate is None else "complete, every fit passed its gate"
    return passed, False
