"""How a file is read, told on the command line: each switch is an option, a recipe holds all of them, a wrong value gives one message."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from complex_lstm.cli import main
from complex_lstm.config import from_json
from complex_lstm.recipe import Conversion, Missing, Recipe, load_recipe
from tests.data.corpus_strangers import STRANGERS

FILES = {file.name: file for file in STRANGERS}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def given(folder: Path, name: str) -> Path:
    path = folder / f"{name.replace(' ', '_')}.csv"
    path.write_bytes(FILES[name].content)
    return path


def test_words_for_no_value_are_named_with_an_option_that_reads_the_file(tmp_path: Path) -> None:
    path = given(tmp_path, "household power")

    refused = run("info", path)
    read = run("info", path, "--missing-cell", "?")

    assert refused.exit_code == 1
    assert (
        "Error: As they stand, these columns cannot be used." in refused.output
        and "(--missing-cell '?@Global_active_power')" in refused.output
    )
    assert read.exit_code == 0 and "Parts of the split" in read.output


def test_what_the_report_of_a_file_says_of_its_cells_its_leaks_and_its_parts(tmp_path: Path) -> None:
    air, bikes = run("info", given(tmp_path, "air quality")).output, run("info", given(tmp_path, "bike sharing")).output

    assert "CO(GT): -200 is likely a missing value (12 cells, first at line 5; --missing-cell '-200@CO(GT)')" in air
    assert "40 of 280 rows are left out: they are empty" in air
    assert "casual is left out: with registered it adds up to the target cnt, which could be read off them." in bikes
    parts = bikes[bikes.index("Parts of the split") :].splitlines()
    assert parts[1].split() == ["part", "rows", "series", "first", "last", "windows"]
    assert "2012-03-05 00:00" in parts[2] and "2012-03-14 23:00" in parts[4]


def test_several_switches_read_a_file_that_would_be_read_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "f.txt"
    levels = ["off" if day == 7 else day * day % 17 for day in range(60)]
    rows = [f"{day:02}|{day % 12 + 1:02}/05/2024|1.{day:03}|{levels[day]}" for day in range(1, 60)]
    path.write_text("\n".join(["title", "n|when|flow|level", *rows, "the end"]), encoding="utf-8")

    said = run("info", path, "--delimiter", "|", "--skip", 1, "--footer", 1, "--thousands", ".", "--decimal", ",",
               "--missing-cell", "off@level",
               "--time-format", "when as %m/%d/%Y", "--time", "", "--target", "level", "--task", "values", "--window", 4)  # fmt: skip

    assert said.exit_code == 0, said.output
    assert "f.txt: 59 rows, 4 columns" in said.output
    flow = next(line for line in said.output.splitlines() if line.split()[:1] == ["flow"])
    assert "1001" in flow and "1059" in flow


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--delimiter", ";;", "The delimiter is one sign, got ';;'."),
        ("--encoding", "utf-9", "'utf-9' is no encoding known here. Choose one such as utf-8, cp1252 or utf-16."),
        ("--skip", 5000, "lines, of which 5000 are to be skipped. Skip fewer."),
        ("--quote", "''", "The quote is one sign, got \"''\"."),
        ("--time-format", "Zeit", "'Zeit' does not say how a time is read. Write --time-format 'COLUMN as FORMAT'"),
        ("--layout", "diagonal", "'diagonal' is not one of"),
        ("--footer", -1, "-1 is not in the range x>=0"),
    ],
)
def test_a_wrong_value_gives_one_message_that_says_what_to_do(tmp_path: Path, option: str, value: object, words: str) -> None:
    said = run("info", given(tmp_path, "German"), option, value)

    assert said.exit_code in (1, 2) and words in said.output
    assert "Traceback" not in said.output and said.output.count("Error") == 1


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("when as %d.%q.%Y", "'%d.%q.%Y' is no way to read a time. Write a format such as"),
        ("when as soon", "or one of ISO8601, epoch s"),
        ("when as %d.%m.%Y in Mars/Base", "There is no time zone 'Mars/Base'. Write one such as Europe/Berlin"),
        ("whne as %d.%m.%Y", "has no column 'whne'. It has 'when', 'x'"),
    ],
)
def test_a_time_that_cannot_be_read_as_asked_is_one_sentence(tmp_path: Path, option: str, words: str) -> None:
    (tmp_path / "days.csv").write_text("\n".join(["when,x", *(f"{1 + n % 28:02}.{1 + n // 28:02}.2024,{n % 7}" for n in range(60))]))

    told = run("info", tmp_path / "days.csv", "--time-format", option)

    assert told.exit_code != 0 and words in told.output and "Traceback" not in told.output


def test_a_conversion_by_units_stands_in_the_report_and_in_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text("\n".join(["t,temp", *(f"{n},{n % 11}.5" for n in range(60))]))
    place, recipe = str(tmp_path / "days.csv"), tmp_path / "kept.json"

    told = run("info", place, "--convert", "temp=°C to °F", "--save-recipe", recipe)
    again = run("info", place, "--recipe", recipe)
    refused = run("info", place, "--convert", "temp=°C to hPa")

    assert told.exit_code == again.exit_code == 0, told.output
    assert "converted: °C to °F, multiplied by 1.8 plus 32" in told.output and told.output.split("Recipe:")[0] in again.output
    assert load_recipe(recipe.read_bytes(), "kept").fitting.conversions == (Conversion("temp", 1.8, 32.0, "°C", "°F"),)
    assert refused.exit_code != 0 and "names no two units of one quantity" in refused.output


def test_a_recipe_keeps_the_reading_for_the_next_file_of_its_kind(tmp_path: Path) -> None:
    path, recipe = given(tmp_path, "household power"), tmp_path / "power.json"

    first = run("info", path, "--missing-cell", "?", "--decimal", ".", "--window", 7, "--save-recipe", recipe)
    second = run("info", path, "--recipe", recipe)

    made = from_json(Recipe, recipe.read_text(encoding="utf-8"))
    assert first.exit_code == second.exit_code == 0, second.output
    assert made.reading.missing == (Missing("?"),) and made.reading.delimiter == ";" and made.window.length == 7
    parts, again = (said.stdout[said.stdout.index("Parts of the split") :] for said in (first, second))
    assert parts == again and first.stdout.count("As it was set") == 0 < second.stdout.count("As it was set")


def test_a_file_that_is_no_recipe_is_told(tmp_path: Path) -> None:
    path = given(tmp_path, "German")

    said = run("info", path, "--recipe", path)

    assert said.exit_code == 1 and "German.csv is no recipe" in said.output
