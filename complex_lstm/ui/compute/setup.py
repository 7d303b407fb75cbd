"""The visitor's confirmed choice of columns, window and split, as one value that a link can carry."""

from __future__ import annotations

from dataclasses import dataclass

from complex_lstm.config import Roles, SplitConfig, WindowConfig, from_json, to_json
from complex_lstm.data import Table, guess_roles, suggest_split, suggest_window
from complex_lstm.workspace import open_workspace


@dataclass(frozen=True)
class Setup:
    """How a file is to be read: what the Data page asks."""

    roles: Roles
    window: WindowConfig
    split: SplitConfig


def suggest_setup(table: Table) -> Setup:
    """Return the setup that suits a file."""
    roles = guess_roles(table).roles
    window = suggest_window(table, roles)
    return Setup(roles, window, suggest_split(table, roles, window))


def keep_setup(setup: Setup) -> str:
    """Keep a setup in the workspace and return its key."""
    return open_workspace().keep("setup", to_json(setup).encode(), "setup").key


def find_setup(key: str) -> Setup:
    """Return the setup kept under a key."""
    return from_json(Setup, open_workspace().find("setup", key).path.read_text())
