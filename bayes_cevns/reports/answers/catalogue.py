"""Which module answers for which result."""

from __future__ import annotations

from bayes_cevns.errors import ArgumentError
from bayes_cevns.reports.account import Account
from bayes_cevns.reports.answers import calibration, comparison, limits
from bayes_cevns.reports.answers.answer import Answer
from bayes_cevns.reports.answers.intervals import interval_answer
from bayes_cevns.reports.quoted import QuotedLimit, limits_among, quoted
from bayes_cevns.reports.voices import Plain, Voice
from bayes_cevns.studies.calibration.coverage_result import CoverageResult
from bayes_cevns.studies.calibration.rank_result import RankResult
from bayes_cevns.studies.comparison.result import Comparison
from bayes_cevns.studies.coupling_fits import CouplingFits
from bayes_cevns.studies.profile import ProfileScan


def answer_of(
    account: Account, voice: Voice | None = None, profile: Account | None = None
) -> Answer:
    """Return what a run answers.

    Parameters
    ----------
    account
        The run.
    voice
        How it is written; plain text by default.
    profile
        A profile of the same model, whose limits are named beside.

    Raises
    ------
    ArgumentError
        If the profile is of another model.
    """
    voice = voice or Plain()
    beside = profile_limits(account, profile)
    result = account.result
    if isinstance(result, Comparison):
        return comparison.answer(account, voice)
    if isinstance(result, RankResult):
        return calibration.ranks(account, voice)
    if isinstance(result, CoverageResult):
        return calibration.coverage(account, voice)
    if isinstance(result, CouplingFits):
        return interval_answer(account, voice)
    return limits.answer(account, voice, beside)


#: What has to be the same of a run and of the profile that is named beside it.
_SAME = (
    *("experiments", "data", "content", "sources", "interaction_sha256", "nuisance_priors"),
    *("form_factor", "weak_charges", "atoms", "mixing"),
)


def profile_limits(account: Account, profile: Account | None) -> tuple[QuotedLimit, ...]:
    """Return the limits of a profile of the same model; none without one.

    Raises
    ------
    ArgumentError
        If it is no profile, or one of another model.
    """
    if profile is None:
        return ()
    if not isinstance(profile.result, ProfileScan):
        raise ArgumentError(
            f"{profile.folder} holds the study {profile.study.kind!r}, expected that of a profile: "
            "give the folder that bayes-cevns profile has written"
        )
    ours, theirs = (one.record["request"] for one in (account, profile))
    for name in _SAME:
        if ours.get(name) != theirs.get(name):
            raise ArgumentError(
                f"{profile.folder} is the profile of another model than {account.folder} ({name} "
                "differs): profile the same experiments, interaction and priors of nuisances"
            )
    return tuple(limits_among(quoted(profile.result)))
