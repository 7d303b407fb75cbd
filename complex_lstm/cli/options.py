"""Command-line options made from the settings schema: see `complex_lstm.settings`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.settings import Setting, as_text, from_text, settings_of

FORMER = {old: one.option for kind in (ModelConfig, TrainingConfig) for one in settings_of(kind) for old in one.former}


def current_name(option: str) -> str:
    """Return the name of an option for a name that it had in an earlier version: click's `token_normalize_func`."""
    return FORMER.get(option, option)


def setting_options(kind: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds an option for each setting of a dataclass; its value is passed under the field's name."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for one in reversed(settings_of(kind)):
            if one.group != "data":
                command = _option(one)(command)
        return command

    return decorate


def _option(one: Setting) -> Callable[[Callable[..., None]], Callable[..., None]]:
    names = (f"--{one.option}", one.name)
    if one.kind is bool:
        return click.option(*names, is_flag=True, default=one.initial, help=one.help)
    if one.choices:
        return click.option(*names, type=click.Choice(one.choices), default=one.initial, help=one.help)
    if one.kind in (int, float):
        return click.option(*names, type=one.kind, default=one.initial, help=one.help)  # the dataclass checks the bounds
    return click.option(*names, default=as_text(one.initial), callback=lambda *given: from_text(one, given[-1]), help=one.help)


def config_from(kind: type[Any], options: dict[str, Any], **more: Any) -> Any:
    """Return a settings dataclass with the values of the options that have the names of its fields."""
    return kind(**{field.name: options[field.name] for field in fields(kind) if field.name in options} | more)
