"""Help of every command, and the module as a command."""

import subprocess
import sys

import click
import pytest

from complex_lstm.cli import main
from complex_lstm.interpretation import METHODS
from tests.cli.command import run


@pytest.mark.parametrize("command", [(), ("app",), ("train",), ("predict",), ("explain",), ("info",)])
def test_help_says_what_each_command_and_option_is_for(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")

    chosen = main.commands[command[0]] if command else main
    assert result.exit_code == 0 and chosen.help.splitlines()[0].rstrip(".").split(":")[0] in result.output
    assert all(option.help for option in chosen.params if isinstance(option, click.Option))


def test_help_lists_the_methods_and_the_baselines_that_suit_every_window() -> None:
    result = run("explain", "--help")

    said = "".join(result.output.split())
    assert f"[{'|'.join(METHODS)}]" in said
    assert "[training_mean|window_mean|zero|interpolated|training_draws]" in said
    assert (
        "Itcountsforablation,occlusion,shapley,integrated_gradients,temporal_saliency_rescaling,learned_mask,segment_shapley,consensus."
        in said
    )


def test_the_module_can_be_run() -> None:
    done = subprocess.run([sys.executable, "-m", "complex_lstm", "--help"], capture_output=True, text=True)

    assert done.returncode == 0 and done.stderr == ""
    assert all(command in done.stdout for command in ("app", "train", "sweep", "predict", "explain", "info"))
