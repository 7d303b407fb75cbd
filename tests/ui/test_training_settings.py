"""What the Train page suggests, and that it asks for the same run as a terminal does."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from complex_lstm.cli import main
from complex_lstm.config import ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig
from complex_lstm.data import examine
from complex_lstm.recipe import Missing
from complex_lstm.runs import open_run
from complex_lstm.runs.plan import suggest_epochs
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.session.messages import duration
from complex_lstm.ui.session.runs import command_line

NAMES = ("--out", 'a "quoted", name', "$x$")  # what a shell, a CSV line or an option parser could stumble over


@pytest.mark.parametrize(
    ("windows", "epochs"),
    [
        (180, 60),  # batches of 16: 800 * 16 / 180 = 71, at most 60
        (900, 14),  # 800 * 16 / 900 = 14.2
        (5143, 10),  # batches of 64: 800 * 64 / 5143 = 9.96
        (200_000, 3),  # at least 3
    ],
)
def test_a_run_has_about_eight_hundred_steps(windows: int, epochs: int) -> None:
    assert suggest_epochs(windows) == epochs


def test_the_command_that_is_shown_makes_the_same_run(tmp_path: Path) -> None:
    header = ",".join('"' + name.replace('"', '""') + '"' for name in NAMES)
    data = tmp_path / "odd names.csv"
    data.write_text("\n".join([header, *[f"{row % 7},{row % 5},{row % 3}" for row in range(120)]]))
    setup = Setup(Roles(NAMES, NAMES[1:2], "values"), WindowConfig(8, 4, 2, as_change=True), SplitConfig("time", 0.2, 0.2, 3))
    model = ModelConfig(3, 8, 1, 2, 1, 0.25, ((1, 3, 5), (3, 3, 7)))
    training = TrainingConfig(epochs=1, batch_size=16, seed=4, noise=0.1, gradient_flow=True, clip_norm=0.0, mixed_precision="off")

    read = replace(examine(data).reading, missing=(Missing("6", NAMES[:1]),))

    words = shlex.split(command_line(str(data), read, setup, model, training))
    told = CliRunner().invoke(main, [*words[3:], "--run", str(tmp_path / "run")], catch_exceptions=False)

    plan = open_run(tmp_path / "run").plan
    assert told.exit_code == 0, told.output
    assert (plan.roles, plan.window, plan.split) == (setup.roles, setup.window, setup.split)
    assert (plan.model, plan.training, plan.reading) == (model, training, read)


@pytest.mark.parametrize(("seconds", "words"), [(4.21, "4.2 s"), (50, "50 s"), (720, "12 min"), (5400, "1.5 h")])
def test_a_time_is_told_as_people_say_it(seconds: float, words: str) -> None:
    assert duration(seconds) == words
