"""Any words on the command line: every command, right but for a few edits."""

from __future__ import annotations

import pytest
from fuzzing import Words, command, empty_folder, fuzzed, words
from hypothesis import given
from hypothesis import strategies as st

from bayes_cevns.studies.catalogue import STUDIES, study_class
from bayes_cevns.studies.options import flags_of

#: One bin and one run: what succeeds is quick.
SMALL = "xenonnt_2024_s2"
INTERACTION = ["--interaction", "scalar-universal"]

#: A right command of each kind.
RIGHT: dict[str, Words] = {
    "list": ["list", "targets"],
    "rates": ["rates", SMALL, *INTERACTION, "--mass", "10", "--coupling", "1e-5"],
    "spectrum": ["spectrum", "--target", "Xe", *INTERACTION, "--mass", "10", "--coupling", "1e-5",
                 "--energies", "0.1,1"],
    "sample": ["sample", SMALL, *INTERACTION, "--mass", "10"],
    "scan": ["scan", SMALL, *INTERACTION, "--masses", "1,10"],
    "preview": ["preview", SMALL, *INTERACTION, "--masses", "10"],
    "profile": ["profile", SMALL, *INTERACTION, "--masses", "10"],
    "sensitivity": ["sensitivity", SMALL, *INTERACTION, "--masses", "10", "--toys", "2"],
    "compare": ["compare", SMALL, "--interactions", "b-l,scalar-universal", "--mass", "10"],
    "couplings": ["couplings", "conus_plus", "--free", "ee_u"],
    "prior-sensitivity": ["prior-sensitivity", SMALL, *INTERACTION, "--mass", "10"],
    "calibrate": ["calibrate", SMALL, *INTERACTION, "--mass", "10"],
    "calibrate-couplings": ["calibrate-couplings", "conus_plus", "--free", "ee_u"],
    "coverage": ["coverage", SMALL, *INTERACTION, "--mass", "10"],
    "coverage-couplings": ["coverage-couplings", "conus_plus", "--free", "ee_u"],
    "run": ["run", "analysis.toml"],
    "plot": ["plot", "folder"],
    "status": ["status", "folder"],
    "merge": ["merge", "folder"],
    "cluster": ["cluster", "slurm", "analysis.toml"],
    "data": ["data", "verify", "folder"],
}  # fmt: skip

#: Of these nothing may be right here: they start processes, or ask a server.
APART = ("--workers", "--scheduler", "--shard")


def options_of(kind: str) -> list[str]:
    """Return the options of a command."""
    common = ["--runs", "--source", "--data", "--charges", "--json", "--help", "--quiet", "--nope"]
    if kind not in STUDIES:
        return [*common, "--form-factor", "--weak-charges", "--atoms", "--couplings", "--channel",
                "--negative", "--level", "--dry-run", "--jobs", "--cores", "--minutes"]  # fmt: skip
    study = study_class(kind)
    own = {name: study.option(name) for name in study.model_fields}
    flags = [flags_of(name, option)[0] for name, option in own.items() if option is not None]
    more = ["--draws", "--tune", "--chains", "--cores", "--solar", "--earth", "--exposure-scale"]
    return [*common, *flags, *more, "--threshold"]


@st.composite
def commands(draw: st.DrawFn) -> Words:
    """Draw a command with up to three edits, in which every word stands for itself."""
    kind = draw(st.sampled_from(sorted(RIGHT)))
    found = list(RIGHT[kind])
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(1, len(found) - 1)) if len(found) > 1 else 0
        edit = draw(st.sampled_from(["option", "option", "replace", "drop", "twice", "insert"]))
        if edit == "option":
            found += [draw(st.sampled_from(options_of(kind))), draw(words())]
        elif edit == "replace":
            found[at] = draw(words())
        elif edit == "drop" and len(found) > 1:
            del found[at]
        elif edit == "twice":
            found.insert(at, found[at])
        else:
            found.insert(at, draw(words()))
    return found


@fuzzed(150)
@given(commands())
@pytest.mark.filterwarnings("error")
def test_any_words_succeed_or_are_refused_in_one_line(given_words: Words) -> None:
    writes = given_words[:1] and given_words[0] not in (
        "list",
        "rates",
        "spectrum",
        "status",
        "data",
    )
    with empty_folder() as folder:
        command([*given_words, *(["--out", "out"] if writes else [])], folder)


@fuzzed(30)
@given(
    st.sampled_from(sorted(RIGHT)),
    st.sampled_from(APART),
    st.sampled_from(["", "x", "-1", "nan", "0/3", "4/3", "1e9", "2.5"]),
)
def test_executors_that_cannot_be(kind: str, option: str, value: str) -> None:
    with empty_folder() as folder:
        assert command([*RIGHT[kind], option, value], folder).status == 2
