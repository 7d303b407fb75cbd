"""The command explain: one row a window and feature or cell, and what it refuses in one sentence."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from complex_lstm import load_checkpoint, prepare_for, read_csv
from complex_lstm.interpretation import METHODS, ForwardFunction, explain, make_request
from complex_lstm.interpretation.counterfactual import SEARCH_METHODS
from complex_lstm.interpretation.global_importance import predicted_output
from complex_lstm.interpretation.signed_evaluation import cumulative
from tests.cli.command import PLACES, run, told

IN_SHORT = ("saliency", "integrated_gradients", "attention_rollout")  # one of each kind for everybody's run; the others are long


@pytest.mark.parametrize("method", [one if one in IN_SHORT else pytest.param(one, marks=pytest.mark.long) for one in METHODS])
def test_an_explanation_is_one_row_a_window_and_feature(planted: Path, method: str) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv", "--out", planted / f"{method}.csv")

    result = run("explain", *files, "--method", method, "--most", 2)

    said = pd.read_csv(planted / f"{method}.csv")
    assert result.exit_code == 0 and "18 rows for 2 windows" in result.output
    assert list(said) == [*PLACES, "target", "method", "baseline", "feature", "importance"]
    assert said["feature"].tolist() == [f"ch{number}" for number in range(9)] * 2 and set(said["method"]) == {method}
    assert said["importance"].notna().all()


def test_an_explanation_by_cells_is_one_row_a_step_and_feature(planted: Path) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv", "--out", planted / "cells.csv")

    run("explain", *files, "--cells", "--most", 1, "--target", "ch7_first")

    said = pd.read_csv(planted / "cells.csv")
    assert list(said) == [*PLACES, "target", "method", "baseline", "step", "feature", "importance"]
    assert len(said) == 50 * 9 and set(said["target"]) == {"ch7_first"}
    assert said["step"].tolist() == sorted([*range(50)] * 9)


def test_an_explanation_takes_a_baseline_and_a_probability(planted: Path) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv", "--most", 1, "--target", "ch7_first")
    options = {"logit": (), "zero": ("--baseline", "zero"), "probability": ("--probability",)}

    found = {}
    for name, chosen in options.items():
        result = run("explain", *files, "--out", planted / f"{name}.csv", *chosen)
        assert result.exit_code == 0, result.output
        found[name] = pd.read_csv(planted / f"{name}.csv")["importance"]

    assert not np.allclose(found["logit"], found["zero"]) and not np.allclose(found["logit"], found["probability"])
    assert (found["probability"].abs() <= 1).all()


@pytest.mark.long
def test_further_tables_stand_beside_with_the_numbers_of_the_functions(planted: Path) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv", "--out", planted / "two.csv")

    result = run("explain", *files, "--most", 1, "--method", "saliency", "--further", "cpd", "--further", "counterfactuals")

    assert result.exit_code == 0, result.output
    loaded = load_checkpoint(planted / "planted.safetensors")
    dataset = prepare_for(read_csv(planted / "planted.csv"), loaded.schema, loaded.window, loaded.scaling, loaded.split)
    request = make_request(dataset, 0, int(predicted_output(loaded.model, dataset, 0) or 0))
    own = explain(loaded.model, request, "saliency").attribution
    reached = cumulative(ForwardFunction(loaded.model, request, torch.device("cpu")), own)
    measured, found = (pd.read_csv(planted / f"two-{name}.csv") for name in ("cpd", "counterfactuals"))
    assert measured["cpd"].tolist() == pytest.approx(reached.difference)
    assert measured["cpp"].tolist() == pytest.approx(reached.preservation)
    assert measured[["cells", "method"]].values.tolist() == [[reached.cells, "saliency"]]
    assert measured["cpd_better_than"].between(0, 1).all()
    assert found["method"].tolist() == list(SEARCH_METHODS) and found["goal"].nunique() == 1
    assert found["cells"].isna().tolist() == (~found["valid"]).tolist() and (found.loc[found["valid"], "cells"] > 0).all()


def test_a_value_has_no_probability_to_explain(sines: Path) -> None:
    files = ("--model", sines / "sines.safetensors", "--data", sines / "sines.csv", "--out", sines / "no.csv")

    result = run("explain", *files, "--probability")

    assert told(result) == "Error: Only a class has a probability. Explain the value itself."
    assert not (sines / "no.csv").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--target", "ch9_first"),
        ("--baseline", "chosen_window"),
        ("--method", "lrp"),
        ("--most", "-1"),
        ("--stride", "-1"),
        ("--stride", "0"),
        ("--most", "0"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(planted: Path, options: tuple[str, str]) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv", "--out", planted / "no.csv")

    result = run("explain", *files, *options)

    assert result.exit_code in (1, 2) and options[1] in result.stderr and not (planted / "no.csv").exists()
