"""Results on disk: who may write them, what they belong to, and whether they are intact.

It handles arrays, bytes and texts; nothing here knows of fits or experiments.
"""
