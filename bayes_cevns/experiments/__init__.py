"""Experiments: a model card with its data table, read and checked; never sampled here."""

from bayes_cevns.experiments.experiment import Experiment, Template, experiment, experiment_names

__all__ = ["Experiment", "Template", "experiment", "experiment_names"]
