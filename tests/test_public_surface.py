"""The public names are a fact; a change of them is a decision."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import complex_lstm
from complex_lstm import errors

ROOMS = (
    "complex_lstm",
    "complex_lstm.model",
    "complex_lstm.model.interventions",
    "complex_lstm.data",
    "complex_lstm.training",
    "complex_lstm.interpretation",
)


def test_the_package_offers_these_names() -> None:
    assert complex_lstm.__all__ == ["BareCheckpoint", "Checkpoint", "ComplexLSTMModel", "Trace", "load_checkpoint", "save_checkpoint"]


@pytest.mark.parametrize("name", ROOMS)
def test_the_names_of_a_room_are_sorted_and_there(name: str) -> None:
    room = importlib.import_module(name)

    constants_first = sorted(room.__all__, key=lambda word: (not word.isupper(), not word[0].isupper(), word))

    assert room.__all__ == constants_first
    assert all(hasattr(room, word) for word in room.__all__)


@pytest.mark.parametrize("name", ROOMS)
def test_every_public_name_says_what_it_is(name: str) -> None:
    room = importlib.import_module(name)

    offered = [getattr(room, word) for word in room.__all__]

    assert all(inspect.getdoc(thing) for thing in offered if inspect.isclass(thing) or inspect.isfunction(thing))


def test_every_module_of_the_core_says_what_it_is_for() -> None:
    rooms = [importlib.import_module(name) for name in ROOMS]
    found = [info.name for room in rooms for info in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")]

    named = [name for name in found if not name.endswith((".ui", "__main__"))]
    assert len(named) > 30 and all(importlib.import_module(name).__doc__ for name in named)


def test_every_error_of_ours_is_caught_by_the_root() -> None:
    ours = [thing for _, thing in inspect.getmembers(errors, inspect.isclass)]

    assert all(issubclass(thing, errors.ComplexLSTMError) and inspect.getdoc(thing) for thing in ours)
    assert issubclass(errors.CellError, errors.DataError) and issubclass(errors.CsvError, errors.DataError)


def test_the_model_is_called_as_the_issue_says() -> None:
    parameters = inspect.signature(complex_lstm.ComplexLSTMModel).parameters

    assert {name: parameter.default for name, parameter in parameters.items()} == {
        "input_dim": 9, "hidden_dim": 256, "num_lstm_layers": 4, "num_heads": 8, "output_dim": 3, "dropout": 0.3,
        "kernels": ((3, 5, 7), (3, 5, 9)),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("room", "strangers"),
    [
        ("complex_lstm.model", ["pandas", "plotly", "captum", "streamlit", "lightning"]),
        ("complex_lstm.data", ["plotly", "captum", "streamlit", "lightning"]),
    ],
)
def test_a_room_does_not_load_what_it_need_not_know(room: str, strangers: list[str]) -> None:
    code = f"import sys, {room}; print([name for name in {strangers!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout.strip() == "[]", done.stdout + done.stderr
