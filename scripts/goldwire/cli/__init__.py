"""The command line: the only package that prints and exits."""

from goldwire.cli.application import main

__all__ = ["main"]
