"""The methods paragraph of a run, in plain text or LaTeX: `bayes-cevns describe FOLDER`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bayes_cevns import __version__
from bayes_cevns.arguments import flag, path_of
from bayes_cevns.cards import Experiment
from bayes_cevns.names import ATOMS_TEXTS, WEAK_CHARGES_TEXTS
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.weak_charges import CORRECTIONS_CITE
from bayes_cevns.reports.account import Account, read_account
from bayes_cevns.reports.answers.answer import data_words, interaction_words
from bayes_cevns.reports.priors import prior_rows
from bayes_cevns.reports.voices import Latex, Plain, Voice, listed
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.comparison.result import Comparison
from bayes_cevns.studies.profile import ProfileScan
from bayes_cevns.studies.scan_result import Scan

_PYMC, _NUTPIE, _CEVNS = ("AbrilPla:2023pymc",), ("Seyboldt:nutpie",), ("Freedman:1973yd",)

_CHANNELS = {
    "cevns": "coherent elastic scattering on nuclei",
    "electron": "scattering on bound electrons",
    "migdal": "ionisation by the Migdal effect",
}


def describe(folder: Path | str, *, latex: bool = False) -> str:
    r"""Return what a paper says of the methods of a run: data, model, priors, sampler, checks.

    Parameters
    ----------
    folder
        The folder of a run.
    latex
        Whether it is LaTeX, with ``\cite`` of keys of the run's ``citations.bib``; plain text with
        the keys in brackets otherwise.

    Returns
    -------
    str
        Five short paragraphs.

    Raises
    ------
    ArgumentError, DataError
        As `bayes_cevns.report`.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.scan(
    ...     "conus_plus", interaction="b-l", masses_mev=[10.0], seed=1, out="b-l"
    ... )
    >>> bc.describe("b-l").startswith("CONUS+")
    True
    """
    path = path_of(folder, what="the folder of a run")
    voice: Voice = Latex() if flag(latex, what="latex") else Plain()
    account = read_account(path)
    paragraphs = (
        _data(account, voice),
        _model(account, voice),
        _priors(account, voice),
        _inference(account, voice),
        _checks(account, voice),
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _data(account: Account, voice: Voice) -> str:
    return " ".join(_experiment(one, voice) for one in account.experiments)


def _experiment(one: Experiment, voice: Voice) -> str:
    runs, bins = one.observed.shape
    counts = float(np.sum(one.observed.values))
    number = "" if not np.isfinite(counts) else f"{counts:.6g} counts in "
    exposure = f"{float(np.sum(one.exposure_tonne_year.values)):.4g} t yr"
    each = f"{runs * bins} bin{'s' if runs * bins > 1 else ''}"
    several = f" of {runs} runs" if runs > 1 else ""
    reasons = "".join(
        voice.text(f" Its data are {word}: {why}.") for word, why in one.card.reasons.items()
    )
    return (
        f"{voice.text(one.card.title)}{voice.cite(one.card.cite)} has {number}{each}{several} with "
        f"an exposure of {exposure} ({data_words(one.data)}); the likelihood is "
        f"{voice.text(one.likelihood.title)}.{reasons}"
    )


def _model(account: Account, voice: Voice) -> str:
    spec = account.spec
    sentences = [_signals(spec, voice), *(_interaction(one, voice) for one in account.specs)]
    theory = spec.theory
    form = form_factor(theory.form_factor)
    nuclei = [k for e in spec.experiments for i in e.target.isotopes for k in form.cite_for(i)]
    charges = CORRECTIONS_CITE if theory.weak_charges == "radiative" else ()
    words = WEAK_CHARGES_TEXTS[theory.weak_charges].split(";")[0]
    sentences.append(
        f"The nuclear form factor is {voice.text(theory.form_factor)}{voice.cite(nuclei)}, weak "
        f"charges are {voice.text(words)}{voice.cite(charges)}."
    )
    if any(signal.channel == "electron" for e in spec.experiments for signal in e.signals):
        words = ATOMS_TEXTS.get(theory.atoms, theory.atoms)
        sentences.append(f"Atoms: {voice.text(words)}.")
    return " ".join(sentence for sentence in dict.fromkeys(sentences) if sentence)


def _signals(spec: ModelSpec, voice: Voice) -> str:
    signals = {
        (signal.channel, signal.source.name, signal.source.cite)
        for e in spec.experiments
        for signal in e.signals
    }
    each = [
        f"{_CHANNELS[channel]}{voice.cite(_CEVNS if channel == 'cevns' else ())} of neutrinos of "
        f"{voice.text(name)}{voice.cite(cite)}"
        for channel, name, cite in sorted(signals)
    ]
    backgrounds = [
        f"{voice.text(e.name)} ({listed(voice.text(part.name) for part in e.backgrounds)})"
        for e in spec.experiments
        if e.backgrounds
    ]
    and_these = f", and backgrounds of {listed(backgrounds)}" if backgrounds else ""
    return f"Expected counts are the sum of {listed(each)}{and_these}."


def _interaction(spec: ModelSpec, voice: Voice) -> str:
    new = spec.interaction
    if spec.couplings is not None:
        names = listed(voice.text(name) for name in spec.couplings.names)
        return f"Beyond the Standard Model, {names} are free, by name as in bayes-cevns."
    if new is None:
        return ""
    return (
        f"New physics is {interaction_words(spec, voice)}{voice.cite(new.cite)}: "
        f"{voice.formula(new.formula)}. We quote {voice.symbol(new.coupling)}, "
        f"{voice.text(new.coupling.definition)}."
    )


def _priors(account: Account, voice: Voice) -> str:
    """Return all priors; of a profile the constraints, which the coupling has none of."""
    profiled = isinstance(account.result, ProfileScan)
    rows = {row: None for spec in account.specs for row in prior_rows(spec, account.fits)}
    symbols = {
        spec.interaction.coupling.symbol: voice.symbol(spec.interaction.coupling)
        for spec in account.specs
        if spec.interaction is not None
    }
    each = [
        f"{symbols.get(row.parameter) or voice.text(row.parameter)} ({voice.text(row.title)}): "
        f"{voice.text(row.words)} [{voice.text(row.origin)}]"
        for row in rows
        if not (profiled and row.parameter in symbols)
    ]
    what = "Nuisances are constrained by" if profiled else "Priors are"
    return f"{what}: {'; '.join(each)}." if each else ""


def _inference(account: Account, voice: Voice) -> str:
    settings = getattr(account.study, "settings", None)
    if isinstance(account.result, ProfileScan):
        level = voice.percent(account.result.level)
        return (
            "The likelihood is profiled over the nuisances, without a prior of the parameter; "
            f"regions at {level} CL are where twice the difference of the log-likelihood to its "
            "maximum is below the critical value. bayes-cevns "
            f"{__version__} was used."
        )
    if settings is None:
        return (
            "The posterior is integrated by Laplace's approximation along its ridge, without "
            f"sampling, with bayes-cevns {__version__}; the limits are approximate."
        )
    return (
        f"Posteriors are sampled with NUTS by nutpie{voice.cite(_NUTPIE)}, of a model that "
        f"bayes-cevns {__version__} also gives as one of PyMC{voice.cite(_PYMC)}: "
        f"{settings.chains} chains of {settings.draws} draws each after {settings.tune} of "
        f"warm-up, target acceptance {settings.target_accept:g}, seed {account.study.seed}. "
        "Separate modes are sampled apart and weighted by their evidence."
    )


def _checks(account: Account, voice: Voice) -> str:
    gate, found = account.gate, []
    if gate is not None:
        found.append(f"A fit is quoted if {gate.text}.")
        total, failed = len(account.fits), len(account.failures)
        if total:
            found.append(f"{total - min(failed, total)} of {total} fits passed.")
    if type(account.result) is Scan:
        wrong = account.result.disagreements()
        found.append(
            "Every limit was compared with an integral of the posterior that needs no sampling; "
            f"{len(wrong) or 'none'} disagreed beyond their errors."
        )
    if isinstance(account.result, Comparison):
        found.append(
            "Models are also compared by leave-one-out cross-validation over bins and by posterior "
            "predictive checks."
        )
    return " ".join(voice.text(sentence) for sentence in found)
