"""Figures, one a file. They draw what was computed and compute nothing."""
