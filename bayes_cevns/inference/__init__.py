"""Sampling: an engine that compiles once, a quality gate, posterior modes, profile likelihood."""
