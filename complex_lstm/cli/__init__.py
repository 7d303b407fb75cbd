"""The command line: train | sweep | predict | explain | info."""

from complex_lstm.cli import applying, sweeping, training  # the commands join the group
from complex_lstm.cli.group import main

__all__ = ["applying", "main", "sweeping", "training"]
