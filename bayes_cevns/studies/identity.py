"""What was asked for, as values that a TOML file can hold."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.table import ENERGY_NODES
from bayes_cevns.names import NSI_PHASE_CONVENTION
from bayes_cevns.physics.form_factors import FORM_FACTORS
from bayes_cevns.physics.interactions import STANDARD_MODEL
from bayes_cevns.physics.nuclei import MATERIALS
from bayes_cevns.sources.flux_file import is_flux_file
from bayes_cevns.specification.data_used import data_used
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.digests import digest_of, stable
from bayes_cevns.storage.record import DATA_USED


def spec_request(spec: ModelSpec) -> dict[str, Any]:
    """Return everything of a model specification that decides the outcome of a run."""
    return {
        "experiments": {e.name: list(e.runs) for e in spec.experiments},
        "data": {e.name: e.data for e in spec.experiments},
        "content": {e.name: content_digest(e) for e in spec.experiments},
        DATA_USED: data_used(spec.experiments),
        "sources": {
            f"{e.name}.{signal.name}": {
                "name": signal.source.name,
                # Without the last digits, which depend on the processor.
                "total_per_cm2_s": float(f"{signal.source.total_per_cm2_s:.8e}"),
            }
            for e in spec.experiments
            for signal in e.signals
        },
        "interaction": STANDARD_MODEL if spec.interaction is None else spec.interaction.name,
        "interaction_sha256": digest_of(spec.interaction),
        **_quoted(spec),
        **_couplings(spec),
        "mixing": spec.mixing,
        "prior": spec.prior,
        "nuisance_priors": dict(spec.nuisance_priors),
        **spec.theory.words,
        **_of_plug_in(spec.theory.form_factor),
        **({"parameters": dict(spec.theory.parameters)} if spec.theory.parameters else {}),
        **({} if spec.max_coupling is None else {"max_coupling": spec.max_coupling}),
    }


def _of_plug_in(form_factor: str) -> dict[str, Any]:
    """Return what a form factor of a plug-in says of itself, which its name does not."""
    if form_factor not in FORM_FACTORS.others:
        return {}
    return {"form_factor_sha256": digest_of(FORM_FACTORS[form_factor])}


def _quoted(spec: ModelSpec) -> dict[str, Any]:
    """Return what is quoted of the interaction, in its own words."""
    if spec.interaction is None:
        return {}
    coupling = spec.interaction.coupling
    words = {"symbol": coupling.symbol, "unit": coupling.unit, "definition": coupling.definition}
    return {"coupling": {**words, "amplitude": coupling.amplitude}}


def _couplings(spec: ModelSpec) -> dict[str, Any]:
    """Return several couplings: their names and bounds, the mediator, how neutrinos arrive."""
    model = spec.couplings
    if model is None:
        return {}
    way = model.propagation
    return {
        "couplings": {
            "names": list(model.names),
            "bounds": {name: list(ends) for name, ends in spec.bounds.items()},
            **({} if model.mass_mev is None else {"mass_mev": model.mass_mev}),
            "matter": model.matter,
            "octant": model.octant,
            "flavours": way.flavours,
            "detection": way.detection,
            "earth": way.earth,
            "solar": way.model,
            "phase_convention": NSI_PHASE_CONVENTION,
            "delta_cp_deg": float(np.rad2deg(way.parameters.delta_cp_rad)),
            "mixing_sha256": digest_of(way.parameters),
            "energy_nodes": ENERGY_NODES,
        }
    }


def run_request(spec: ModelSpec, mass_mev: float | None, seed: int) -> dict[str, Any]:
    """Return what decides the outcome of one fit, but for how it is sampled."""
    mass = {} if mass_mev is None else {"mass_mev": mass_mev}
    return {**spec_request(spec), "seed": seed, **mass}


def _card_text(experiment: Experiment) -> str:
    """Return what a card says, but for the names of files, whose content counts in their place."""
    said = experiment.card.model_dump(mode="json")
    said["table"] = ""
    for signal in said["signal"].values():
        if is_flux_file(signal["source"]):
            signal["source"] = ""
    return json.dumps(said)


def content_digest(experiment: Experiment) -> str:
    """Return a digest of what an experiment says: its card, its counts and its templates.

    A card that was edited, or another table under the same name, is another request.
    """
    digest = hashlib.sha256(_card_text(experiment).encode())
    parts = [part.values for part in experiment.components]
    for values in (*experiment.likelihood.arrays, *parts):
        digest.update(np.ascontiguousarray(values.values, dtype=float).tobytes())
    counts = np.ascontiguousarray(experiment.observed.values, dtype=float)
    simulated = bool(np.any(counts % 1.0))  # expected counts, whose last digits differ
    digest.update(stable(counts) if simulated else counts.tobytes())
    for signal in experiment.signals:
        digest.update(signal.source.digest().encode())
    if experiment.target.name in MATERIALS:  # what a plug-in says of it may change
        digest.update(digest_of(experiment.target).encode())
    return digest.hexdigest()
