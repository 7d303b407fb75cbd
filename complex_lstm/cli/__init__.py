"""The command line: train | predict | explain | info."""

from complex_lstm.cli import applying, training  # the commands join the group
from complex_lstm.cli.group import main

__all__ = ["applying", "main", "training"]
