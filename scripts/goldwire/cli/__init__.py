"""The command line: the only package that prints and exits.

A module per help panel, with one typed function per command; `options` has what they share, `application` the order
of the commands and the end of every error.
"""

from goldwire.cli.application import main

__all__ = ["main"]
