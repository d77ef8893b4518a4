"""Figures of results: the words and arrays of a result, given to a drawing of `plots`."""
