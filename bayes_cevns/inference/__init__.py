"""Sampling: an engine that compiles once, a quality gate, evidences of branches, scans."""
