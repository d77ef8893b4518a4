"""Comparison of models of the same data: evidence, cross-validation, predictive checks."""
