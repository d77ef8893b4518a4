"""The engines of studies; imported apart, since they bring PyMC and nutpie with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bayes_cevns.inference.engine import Engine
    from bayes_cevns.inference.settings import SamplerSettings
    from bayes_cevns.specification.model_spec import ModelSpec


def engine_for(
    spec: ModelSpec,
    settings: SamplerSettings,
    *,
    monitored: bool = False,
    free: int | None = None,
) -> Engine:
    """Return an engine, as `bayes_cevns.inference.engine.Engine` makes it."""
    from bayes_cevns.inference.engine import Engine

    return Engine(spec, settings, monitored=monitored, free=free)
