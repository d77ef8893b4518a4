"""Experiments: a model card with its data table, read and checked, and its rate tables."""

from bayes_cevns.cards.experiment import Experiment, Signal, Template
from bayes_cevns.cards.loading import experiment, experiment_names

__all__ = ["Experiment", "Signal", "Template", "experiment", "experiment_names"]
