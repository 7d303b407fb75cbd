"""A column brought to another unit is part of how a file is read: it travels in recipes, checkpoints and trainings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from complex_lstm.cli import main
from complex_lstm.config import from_json, to_json
from complex_lstm.data import examine, guess_roles, prepare_training, read_csv, suggest
from complex_lstm.data.units import conversion, parse_conversion
from complex_lstm.errors import ConfigError
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.recipe import Conversion, Reading, conversion_text, load_recipe, reading_words

ROWS = 240
CELSIUS = (15 + 8 * np.sin(np.arange(ROWS) / 12) + np.random.default_rng(0).normal(0, 1, ROWS)).round(2)
CONTENT = pd.DataFrame(
    {"when": pd.date_range("2024-03-01", periods=ROWS, freq="h"), "temp (°C)": CELSIUS, "wind": np.arange(ROWS) % 9}
).to_csv(index=False).encode()  # fmt: skip
TO_F = Conversion("temp (°C)", 1.8, 32.0, "°C", "°F")


def run(*words: object) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("one", "expected"),
    [(TO_F, CELSIUS * 1.8 + 32), (Conversion("temp (°C)", 10), CELSIUS * 10),
     (Conversion("temp (°C)", 1, 273.15, "°C", "K"), CELSIUS + 273.15),
     (Conversion("temp (°C)", -1, 5), 5 - CELSIUS)],
)  # fmt: skip
def test_a_reading_converts_a_column_and_says_so(one: Conversion, expected: np.ndarray) -> None:
    table = read_csv(CONTENT, "a.csv", convert=(one,))

    assert np.allclose(table.frame["temp (°C)"], expected) and table.reading.convert == (one,)
    assert [each.reason for each in table.findings if each.switch == "converted"] == [f"Converted: {one.words}."]
    assert from_json(Reading, to_json(table.reading)) == table.reading
    assert read_csv(CONTENT, "a.csv", table.reading).frame.equals(table.frame)


def test_the_unit_of_a_converted_column_is_the_new_one() -> None:
    table = read_csv(CONTENT, "a.csv", convert=(TO_F,))
    roles = guess_roles(table).roles

    assert table.units["temp (°C)"] == "°F"
    assert prepare_training(table, roles, *suggest(table, roles)).schema.unit("temp (°C)") == "°F"


@pytest.mark.parametrize(
    ("one", "words"), [(Conversion("pressure", 2), "has no column 'pressure' to bring to another unit"),
     (Conversion("note", 2), "'calm' is no number")]
)  # fmt: skip
def test_a_column_without_numbers_has_no_unit_to_convert(one: Conversion, words: str) -> None:
    content = b"t,x,note\n" + b"".join(b"%d,%d,calm\n" % (n, n % 7) for n in range(30))

    found = examine(content, "a.csv", convert=(one,))

    assert found.fault is not None and found.fault.switch == "convert" and words in found.fault.message


def test_what_is_offered_for_cells_is_what_stands_in_the_file() -> None:
    content = CONTENT.replace(f",{CELSIUS[5]},".encode(), b",-200,").replace(f",{CELSIUS[60]},".encode(), b",-200,")

    offers = examine(content, "a.csv", convert=(TO_F,)).offers

    assert [(one.switch, one.value.cell) for one in offers] == [("missing", "-200")]  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["temp=°C to °F", "temp=1.8,32", "temp=-2,0", 'a "b", c=hPa to kPa'])
def test_a_conversion_is_written_as_it_is_read(text: str) -> None:
    one = parse_conversion(text)

    assert parse_conversion(conversion_text(one)) == one
    assert reading_words(Reading(convert=(one,)), Reading()) == [f"--convert={conversion_text(one)}"]


@pytest.mark.parametrize("text", ["temp", "temp=", "temp=0", "temp=nan", "temp=1,inf", "=2", "temp=°C to hPa", "temp=a to b"])
def test_a_text_that_is_no_conversion_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not COLUMN=FACTOR|names no two units"):
        parse_conversion(text)


def test_units_have_a_conversion_both_ways() -> None:
    there, back = conversion("x", "hPa", "inHg"), conversion("x", "inHg", "hPa")

    assert there is not None and back is not None and abs(there.factor * back.factor - 1) < 1e-9


def test_a_training_on_a_converted_column_is_read_alike_by_predict(tmp_path: Path) -> None:
    data, model = tmp_path / "a.csv", tmp_path / "m.safetensors"
    data.write_bytes(CONTENT)
    small = ("--hidden", 8, "--lstm-layers", 1, "--heads", 1, "--epochs", 1)

    run("train", "--data", data, "--convert", "temp (°C)=°C to °F", "--out", model, "--save-recipe", tmp_path / "r.json", *small)
    told = run("predict", "--model", model, "--data", data, "--out", tmp_path / "p.csv")

    loaded = load_checkpoint(model)
    assert isinstance(loaded, Checkpoint) and loaded.reading is not None and loaded.reading.convert == (TO_F,)
    mean = loaded.scaling.feature_mean[loaded.schema.roles.features.index("temp (°C)")]
    assert abs(mean - (CELSIUS.mean() * 1.8 + 32)) < 3 and "looks like" not in told
    assert load_recipe((tmp_path / "r.json").read_bytes(), "r").reading.convert == (TO_F,)


def test_a_recipe_of_info_converts_in_a_training_too(tmp_path: Path) -> None:
    data = tmp_path / "a.csv"
    data.write_bytes(CONTENT)
    run("info", data, "--convert", "temp (°C)=°C to °F", "--save-recipe", tmp_path / "r.json")

    small = ("--hidden", 8, "--lstm-layers", 1, "--heads", 1, "--epochs", 1)
    run("train", "--data", data, "--recipe", tmp_path / "r.json", "--out", tmp_path / "m.safetensors", *small)

    loaded = load_checkpoint(tmp_path / "m.safetensors")
    assert isinstance(loaded, Checkpoint) and loaded.reading is not None and loaded.reading.convert == (TO_F,)
