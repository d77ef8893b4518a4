"""A run as JSON with all that is known of it; the schema is ``export.schema.json`` beside this."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from bayes_cevns import __version__
from bayes_cevns.exports.columns import column_of, unit_of
from bayes_cevns.reports.account import Account
from bayes_cevns.reports.answers.catalogue import answer_of
from bayes_cevns.reports.priors import prior_rows
from bayes_cevns.reports.quoted import quoted
from bayes_cevns.reports.tables import Rows
from bayes_cevns.storage.values import plain

#: Which version of the schema a file has.
SCHEMA = "bayes_cevns.export/1"


def json_files(account: Account) -> dict[str, bytes]:
    """Return the file of a run, name -> content; a number that is not known is null."""
    text = json.dumps(content(account), indent=1, allow_nan=False, ensure_ascii=False)
    return {"run.json": f"{text}\n".encode()}


def content(account: Account) -> dict[str, Any]:
    """Return what the file says."""
    answer = answer_of(account)
    record = account.record
    return {
        "schema": SCHEMA,
        "package": {"name": "bayes_cevns", "version": __version__},
        "study": account.study.kind,
        "analysis": _finite(plain(account.study.to_words())),
        "question": answer.question,
        "answer": list(answer.sentences),
        "cautions": list(answer.cautions),
        "quoted": [
            {"type": type(one).__name__, **_finite(plain(asdict(one)))}
            for one in quoted(account.result)
        ],
        "priors": [asdict(row) for row in prior_rows(account.spec, account.fits)],
        "failures": dict(account.failures),
        "tables": {name: _table(name, rows) for name, rows in account.rows.items()},
        "citations": list(account.keys),
        "provenance": {
            "identity": record["identity"],
            "status": record["status"],
            "written": record["written"],
            "seed": account.study.seed,
            "versions": dict(record.get("versions", {})),
            "data_sha256": dict(record.get("data", {})),
        },
    }


def _table(name: str, rows: Rows) -> dict[str, Any]:
    columns = list(rows[0]) if rows else []
    return {
        "columns": [
            {
                "name": column,
                "unit": unit_of(column, name, rows),
                "description": column_of(column, name).words,
            }
            for column in columns
        ],
        "rows": [[row[column] for column in columns] for row in rows],
    }


def _finite(value: Any) -> Any:
    """Return a value with null in place of numbers that are not finite, which JSON lacks."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    if isinstance(value, float) and value - value != 0.0:
        return None
    return value
