"""The public names are a fact; a change of them is a decision."""

import ast
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
    assert complex_lstm.__all__ == [
        "BASELINES", "METHODS", "SAMPLES", "AverageEnsembleHead", "BareCheckpoint", "Change", "Checkpoint", "ClassScores",
        "ComplexLSTMError", "ComplexLSTMModel", "Dataset", "DropPositions", "Explanation", "ExplanationRequest", "ForceGate",
        "ForceGateChannels", "ModelConfig", "Patch", "PatchSteps", "Predictions", "ReplacePooled", "Roles", "Sample", "Scaling",
        "Schema", "SilenceAttention", "SilenceEnsembleHead", "SilenceHead", "SilencePooled", "SilenceScale", "SkipBlock",
        "SplitConfig", "Trace", "TrainingConfig", "UniformAttention", "UniformHead", "ValueScores", "Verdict", "WindowConfig",
        "component_interventions", "explain", "explain_frame", "first_change", "fit", "guess_roles", "judge", "load_checkpoint",
        "make_request", "predict", "prediction_frame", "prepare_for", "prepare_training", "read_csv", "request_for", "save_checkpoint",
        "score", "suggest_split", "suggest_window",
    ]  # fmt: skip


def test_a_name_of_the_package_is_the_one_that_its_import_for_type_checkers_names() -> None:
    source = ast.parse(inspect.getsource(complex_lstm))
    imports = [node for node in ast.walk(source) if isinstance(node, ast.ImportFrom) and str(node.module).startswith("complex_lstm")]
    typed = {alias.name: node.module for node in imports for alias in node.names}

    assert sorted(typed) == sorted(complex_lstm.__all__)
    assert all(getattr(complex_lstm, name) is getattr(importlib.import_module(str(room)), name) for name, room in typed.items())


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'complex_lstm' has no attribute 'trace'"):
        complex_lstm.trace  # noqa: B018  # looking is the test


def test_the_package_lists_its_names_before_they_are_imported() -> None:
    assert set(complex_lstm.__all__) <= set(dir(complex_lstm))


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
        ("complex_lstm", ["torch", "pandas", "numpy", "click"]),
        ("complex_lstm.cli", ["torch", "pandas", "numpy", "streamlit"]),
    ],
)
def test_a_room_does_not_load_what_it_need_not_know(room: str, strangers: list[str]) -> None:
    assert loaded_by(f"import {room}", strangers) == []


def test_loading_a_checkpoint_from_the_top_does_not_wait_for_captum_or_lightning() -> None:
    assert loaded_by("from complex_lstm import load_checkpoint", ["torch", "pandas", "captum", "lightning"]) == ["torch"]


def loaded_by(statement: str, names: list[str]) -> list[str]:
    """Return which of the modules an interpreter has loaded after a statement."""
    code = f"import sys; {statement}; print(*[name for name in {names!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    return done.stdout.split()
