"""The command line: app | serve | train | sweep | calibrate | predict | explain | export | info."""

from complex_lstm.cli.group import main

__all__ = ["main"]
