"""Every table of results says which coupling, of which data and of what kind, in which prior."""

from __future__ import annotations

from dataclasses import replace

import pytest

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.priors import PRIORS
from bayes_cevns.errors import ChannelError
from bayes_cevns.inference.profile import request
from bayes_cevns.physics.interactions import NUCLEUS, Role, interaction, interactions
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    data_label,
    labels,
    prior_label,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov, toy
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.storage.kept_run import ledger_in
from bayes_cevns.studies import coupling_fits, preview, prior_sensitivity, profile, scan_result
from bayes_cevns.studies.calibration import coverage_result, rank_result
from bayes_cevns.studies.comparison import result as comparison
from bayes_cevns.studies.sensitivity import result as sensitivity
from bayes_cevns.studies.sensitivity.limit_record import (
    KEY,
    DataLimits,
    columns_of,
    limits_of_row,
    row_of_limits,
)
from bayes_cevns.summary.limits import Limit

#: Columns of each table -> whether a prior has a say in it.
TABLES = {
    "limits.csv": (scan_result.LIMIT_COLUMNS, True),
    "bands.csv": (scan_result.BAND_COLUMNS, True),
    "limits.csv of a preview": (preview.LIMITS, True),
    "bands.csv of a preview": (preview.BANDS, True),
    "limits_cl.csv": (profile.LIMIT_COLUMNS, False),
    "intervals_cl.csv": (profile.INTERVAL_COLUMNS, False),
    "toys.csv of a profile": (request.TOY_COLUMNS, False),
    "sensitivity.csv": (sensitivity.COLUMNS, True),
    "compare.csv": (comparison.COMPARE_COLUMNS, True),
    "checks.csv": (comparison.CHECK_COLUMNS, False),
    "bayes_factors.csv": (comparison.FACTOR_COLUMNS, True),
    "prior_sensitivity.csv": (prior_sensitivity.SENSITIVITY_COLUMNS, True),
    "intervals.csv": (coupling_fits.INTERVAL_COLUMNS, True),
    "coverage.csv": (coverage_result.COVERAGE_COLUMNS, True),
    "coverage.csv of several couplings": (coverage_result.COLUMNS_OF_SEVERAL, True),
    "uniformity.csv": (rank_result.UNIFORMITY_COLUMNS, False),
}


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_the_columns(table: str) -> None:
    columns, has_prior = TABLES[table]
    assert set(LABEL_COLUMNS) <= set(columns)
    assert (PRIOR_TEXT in columns) == has_prior
    assert len(set(columns)) == len(columns)


def test_a_record_of_toys_says_what_each_row_is(tmp_path) -> None:
    quoted = {"coupling": "g_BL", "unit": "1", "data": "asimov", "kind": CREDIBLE}
    found = DataLimits(1.0, "toy:3", (Limit("upper", 2e-5, 1e-7),), passed=True)
    with RunFolder(tmp_path / "out", {"kind": "sensitivity"}) as folder:
        kept = ledger_in(folder, "toys.csv", columns_of(("upper",)), key=KEY)
        kept.append(row_of_limits(found, quoted))
        header, row = (folder.path / "toys.csv").read_text().splitlines()
        told = dict(zip(header.split(","), row.split(","), strict=True))
        assert [told[c] for c in LABEL_COLUMNS] == ["g_BL", "1", "toy:3", CREDIBLE]
        (again,) = ledger_in(folder, "toys.csv", columns_of(("upper",)), key=KEY).rows
    assert limits_of_row(again, ("upper",)) == found


@pytest.mark.filterwarnings("ignore::bayes_cevns.errors.PropagationWarning")
@pytest.mark.parametrize("kind", PRIORS)
@pytest.mark.parametrize("name", interactions())
def test_every_interaction_fills_them_in_its_own_words(
    xenonnt: Experiment, electrons: Experiment, name: str, kind: str
) -> None:
    seen = electrons if NUCLEUS not in interaction(name).scatters_on else xenonnt
    if interaction(name).axis.role is Role.OSCILLATION:
        with pytest.raises(ChannelError, match="needs the distance of a source"):
            ModelSpec.of([seen], interaction=name)
        seen = bc.experiment("coherent_csi")
    spec = ModelSpec.of([seen], interaction=name, prior=kind)
    coupling = interaction(name).coupling
    told = labels(spec, CREDIBLE)
    assert told == {
        "coupling": coupling.symbol,
        "unit": coupling.unit,
        "data": "observed",
        "kind": "credible",
    }
    told = prior_label(spec)[PRIOR_TEXT]
    uniform = {
        "flat": coupling.amplitude,
        "flat-rate": "the expected signal counts",
        "log": f"log {coupling.symbol}",
    }
    assert told == f"uniform in {uniform[kind]}"


@pytest.fixture(scope="module")
def electrons() -> Experiment:
    return bc.experiment("xenonnt_er")


def test_the_standard_model_has_no_coupling_to_name(xenonnt: Experiment) -> None:
    spec = ModelSpec.of([xenonnt])
    assert labels(spec, "evidence") == {
        "coupling": "",
        "unit": "",
        "data": "observed",
        "kind": "evidence",
    }
    assert prior_label(spec) == {PRIOR_TEXT: ""}


def test_what_data_are(xenonnt: Experiment, electrons: Experiment) -> None:
    expected, drawn = asimov(xenonnt), toy(xenonnt, seed=7)
    assert data_label([xenonnt]) == data_label([xenonnt, electrons]) == "observed"
    assert data_label([expected]) == "asimov"
    assert data_label([drawn]) == "toy:7"
    assert data_label([drawn, replace(electrons, data="toy:7")]) == "toy:7"
    assert data_label([electrons, expected]) == "observed+asimov"
    assert data_label([drawn, electrons]) == "toy:7+observed"
