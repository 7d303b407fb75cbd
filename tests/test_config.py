"""Settings go to JSON and back, and what is no setting is refused."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complex_lstm.config import (
    ModelConfig,
    Roles,
    Scaling,
    Schema,
    SplitConfig,
    TrainingConfig,
    WindowConfig,
    from_json,
    to_json,
)  # fmt: skip
from complex_lstm.errors import ConfigError

SCHEMA = Schema(Roles(("a", "b"), ("b", "c"), "values", time="t"), feature_units=("m", ""), target_units=("", "kg"))


@pytest.mark.parametrize(
    "value",
    [
        ModelConfig(),
        ModelConfig(kernels=((1, 3, 5), (5, 7, 9))),
        SCHEMA,
        WindowConfig(as_change=True),
        SplitConfig("group"),
        Scaling((0.1,), (1 / 3,)),
        TrainingConfig(noise=0.2),
    ],
)
def test_a_setting_comes_back_equal(value: object) -> None:
    assert from_json(type(value), to_json(value)) == value


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5))
def test_numbers_come_back_to_the_last_bit(numbers: list[float]) -> None:
    scaling = Scaling(tuple(numbers), tuple(numbers))

    assert from_json(Scaling, to_json(scaling)) == scaling


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (ModelConfig, "not json", "The ModelConfig is not JSON.*damaged or made by another program"),
        (ModelConfig, "[1, 2]", "ModelConfig has the fields"),
        (ModelConfig, json.dumps({"depth": 3}), "ModelConfig has the fields .*'num_lstm_layers'.*got {'depth': 3}"),
        (ModelConfig, json.dumps({"hidden_dim": 16.5}), "Expected <class 'int'>, got 16.5"),
        (ModelConfig, json.dumps({"hidden_dim": True}), "Expected <class 'int'>, got True"),
        (ModelConfig, json.dumps({"dropout": True}), "Expected <class 'float'>, got True"),
        (Scaling, json.dumps({"feature_mean": 3, "feature_std": []}), "Expected .*tuple.*got 3"),
        (Scaling, "{}", "Scaling lacks a field: .*feature_mean"),
        (SplitConfig, json.dumps({"kind": "random"}), "Expected .*got 'random'"),
        (Schema, json.dumps({"roles": {"features": ["a"], "targets": ["b"], "task": "dance"}}), "got 'dance'"),
    ],
)
def test_what_is_no_setting_is_refused(kind: type, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        from_json(kind, text)


def test_a_whole_number_is_a_number() -> None:
    assert from_json(ModelConfig, json.dumps({"dropout": 0})) == ModelConfig(dropout=0.0)


def test_units_are_known_by_the_name_of_a_feature_or_target() -> None:
    assert [SCHEMA.unit(name) for name in ("a", "b", "c", "z")] == ["m", "", "kg", ""]
    assert SCHEMA.outputs == ("b", "c")


def test_the_outputs_of_classes_are_the_classes() -> None:
    assert Schema(Roles(("a",), ("k",), "classes"), ("x", "y")).outputs == ("x", "y")


@pytest.mark.parametrize("name", ["input_dim", "hidden_dim", "num_lstm_layers", "num_heads", "output_dim"])
def test_a_size_under_one_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} is 0, expected 1 or more"):
        ModelConfig(**{name: 0})


@pytest.mark.parametrize("kernels", [((3, 5, 7), (3, 5, 8)), ((3, 5, 7), (3, 5)), ((3, 5, 7), (3, 5, -1))])
def test_kernels_that_would_shift_or_lack_a_scale_are_refused(kernels: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    with pytest.raises(ConfigError, match="expected two stages of 3 odd widths each"):
        ModelConfig(kernels=kernels)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ModelConfig().hidden_dim = 3


@pytest.mark.parametrize("snapshots", [-1, 201])
def test_more_snapshots_than_a_disk_has_room_for_are_refused(snapshots: int) -> None:
    with pytest.raises(ConfigError, match=f"snapshots is {snapshots}, expected 0 to 200"):
        TrainingConfig(snapshots=snapshots)
