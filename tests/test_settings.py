"""The settings schema: what a field says of itself is what the command line, files and the shown command are made of."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

import click
import pytest
from click.testing import CliRunner

from complex_lstm.cli import main
from complex_lstm.cli.training import config_from, setting_options
from complex_lstm.config import ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig, from_json, to_json
from complex_lstm.errors import ConfigError
from complex_lstm.runs import Plan, create_run, open_run
from complex_lstm.settings import Setting, as_text, check_settings, from_text, option_words, setting, settings_of

TRAINING = settings_of(TrainingConfig)


def another(one: Setting) -> Any:
    """Return an allowed value that is not the default."""
    if one.choices:
        return one.choices[-1]
    if one.kind is str:
        return "a folder"
    return not one.default if one.kind is bool else 10 if one.kind is int else 0.125


def parsed(kind: type, words: list[str]) -> Any:
    """Return what a command with the options of a settings dataclass makes of its words."""
    found = []

    @click.command()
    @setting_options(kind)
    def command(**options: Any) -> None:
        found.append(config_from(kind, options))

    result = CliRunner().invoke(command, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return found[0]


def test_every_field_of_a_training_is_a_setting_with_label_and_help() -> None:
    assert [one.name for one in TRAINING] == [field.name for field in fields(TrainingConfig)]
    assert [one.name for one in settings_of(ModelConfig)] == [field.name for field in fields(ModelConfig)]
    assert all(one.label and one.help.endswith(".") and one.allows(one.default) for one in TRAINING)


def test_every_field_of_a_training_is_an_option_of_train_with_its_help_and_default() -> None:
    options = {option.name: option for option in main.commands["train"].params}

    for one in TRAINING:
        option: Any = options[one.name]
        assert option.opts == [f"--{one.option}"] and option.help == one.help and option.default == one.initial


@pytest.mark.parametrize("name", [one.name for one in TRAINING])
def test_every_field_of_a_training_comes_back_from_the_shown_command_and_from_run_json(name: str, tmp_path: Path) -> None:
    one = next(one for one in TRAINING if one.name == name)
    config = replace(TrainingConfig(epochs=10, batch_size=100), **{name: another(one)})

    roles = Roles(("v",), ("v",), "values")
    create_run(tmp_path / "run", Plan("", "v.csv", "v.csv", "", roles, WindowConfig(), SplitConfig(), ModelConfig(), config))

    assert open_run(tmp_path / "run").plan.training == config
    assert parsed(TrainingConfig, option_words(config, every=False)) == config


@dataclass(frozen=True)
class Extended(TrainingConfig):
    """A training with one more setting: its field is all that it takes."""

    shape: Literal["round", "square"] = setting("round", "Shape", "The shape.", group="more", former=("form",), stored_as="form")
    width: float = setting(0.5, "Width", "The width.", group="more", above=0, below=2, expected="a width between 0 and 2")


def test_a_new_setting_is_one_field() -> None:
    changed = Extended(shape="square", width=1.5, epochs=3)

    assert from_json(Extended, to_json(changed)) == changed and '"form": "square"' in to_json(changed)
    assert option_words(changed, every=False) == ["--epochs=3", "--shape=square", "--width=1.5"]
    assert parsed(Extended, option_words(changed, every=False)) == changed
    with pytest.raises(ConfigError, match="width is 2.0, expected a width between 0 and 2"):
        Extended(width=2.0)
    with pytest.raises(ConfigError, match="shape is oval, expected one of round, square"):
        Extended(shape="oval")  # type: ignore[arg-type]


def test_the_former_name_of_an_option_is_still_accepted(tmp_path: Path) -> None:
    (tmp_path / "hours.csv").write_text("v\n" + "1\n2\n" * 60)
    small = ["--hidden=8", "--heads=2", "--lstm-layers=1", "--epochs=1", "--window=8", "--stride=4", "--batch-size=16"]

    told = CliRunner().invoke(
        main, ["train", f"--data={tmp_path / 'hours.csv'}", f"--run={tmp_path / 'run'}", "--moments=2", *small], catch_exceptions=False
    )

    assert told.exit_code == 0, told.output
    assert open_run(tmp_path / "run").plan.training.snapshots == 2
    assert "--moments" not in CliRunner().invoke(main, ["train", "--help"]).output


def test_bounds_are_checked_in_words() -> None:
    @dataclass(frozen=True)
    class Bounds:
        least: int = setting(1, "", "", group="more", at_least=1)
        range: int = setting(5, "", "", group="more", at_least=0, at_most=2000)
        share: float = setting(0.5, "", "", group="more", at_least=0, below=1)
        rate: float = setting(0.1, "", "", group="more", above=0)

    refused = [("least", 0, "1 or more"), ("range", 2001, "0 to 2,000"), ("share", 1.0, "a number from 0 up to, and not including, 1"),
               ("rate", 0.0, "a number above 0"), ("rate", float("inf"), "a number above 0")]  # fmt: skip
    for name, value, words in refused:
        with pytest.raises(ConfigError, match=f"{name} is {value}, expected {words}"):
            check_settings(Bounds(**{name: value}))


@pytest.mark.parametrize(("value", "text"), [(64, "64"), (0.3, "0.3"), (0.0, "0"), (1 / 3, "0.3333333333333333"), (10**7, "10000000")])
def test_a_number_comes_back_from_its_text_to_the_last_bit(value: Any, text: str) -> None:
    one = replace(TRAINING[0], kind=type(value))

    assert as_text(value) == text and from_text(one, text) == value


def test_kernels_come_back_from_their_text() -> None:
    kernels = settings_of(ModelConfig)[-1]

    assert as_text(kernels.default) == "3-5-7/3-5-9" and from_text(kernels, "3-5-7/3-5-9") == kernels.default
    with pytest.raises(ConfigError, match="'3-5' are no kernels"):
        from_text(kernels, "3-5")
    with pytest.raises(ConfigError, match="epochs is 'many', expected a whole number"):
        from_text(TRAINING[0], "many")
