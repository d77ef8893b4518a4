"""The command line: parses, calls the library, prints. Heavy imports wait for a command."""

from bayes_cevns.cli.app import main

__all__ = ["main"]
