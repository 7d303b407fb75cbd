"""The command check: its exit status, what it says of a failure, and its report."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from complex_lstm import save_checkpoint
from complex_lstm.data import fingerprint
from complex_lstm.samples import SAMPLES
from tests.cli.command import run
from tests.model.lively import small_model

WEATHER = SAMPLES["nyc_weather"]


class Tags(HTMLParser):
    """Reads HTML and checks that every tag is closed in its order."""

    VOID = ("meta", "img", "br", "rect", "path", "circle", "image", "polyline", "polygon", "link")

    def __init__(self, content: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(content)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return what the command prints on the weather, and its report."""
    out = tmp_path_factory.mktemp("check") / "report.html"
    result = run("check", WEATHER.checkpoint, WEATHER.csv, "--out", out)
    assert result.exit_code == 0, result.output
    return result.output, out.read_text()


def test_a_good_model_passes_and_its_report_has_every_section(shipped: tuple[str, str]) -> None:
    output, report = shipped

    page = Tags(report)
    words = " ".join(page.texts)
    assert "Check passed on 924 test windows" in output and "Passed: better than the trivial rule on 924 test windows" in words
    assert "simple models ridge does best here" in output and "simple models ridge does best here" in words
    for title in ("Scores", "Beside simple models", "Prediction intervals of 90%", "Where it is worst", "What has moved since training"):
        assert title in page.texts
    assert "Model and data" in page.texts
    assert fingerprint(WEATHER.checkpoint.read_bytes()) in words and fingerprint(WEATHER.csv.read_bytes()) in words
    assert "would have an interval above zero by chance alone" in words and "than days of training usually differ from each other" in words
    predicted = re.search(r"temp: R² ([\d.]+) .*?mean absolute error ([\d.]+) °F \(([\d.]+)\)", output)
    assert predicted and all(number in words for number in predicted.groups())


def test_the_report_asks_for_nothing_from_anywhere(shipped: tuple[str, str]) -> None:
    page = Tags(shipped[1])

    assert not [value for name, value in page.attributes if name in ("src", "href") and not str(value).startswith("data:")]
    assert any(name == "content" and "default-src 'none'" in str(value) for name, value in page.attributes)


@pytest.mark.long
def test_each_limit_that_is_broken_is_a_line_on_stderr(tmp_path: Path) -> None:
    limits = ("--at-most-mae", "temp=0.5", "--at-most-mae", "humid=99", "--at-most-shift", "0.3")
    result = run("check", WEATHER.checkpoint, WEATHER.csv, "--out", tmp_path / "r.html", "--no-simple-models", *limits)

    lines = [line for line in result.stderr.splitlines() if line.startswith("Check failed: ")]
    assert result.exit_code == 1 and len(lines) == 2
    assert re.fullmatch(r"Check failed: The mean absolute error of temp on 924 test windows is 0\.98\d+, above 0\.5\.", lines[0])
    assert re.fullmatch(r"Check failed: temp has moved by 0\.34\d from training \(Kolmogorov-Smirnov\), above 0\.3\.", lines[1])
    assert "Failed: The mean absolute error of temp" in (tmp_path / "r.html").read_text()


@pytest.mark.long
def test_classes_are_held_to_an_accuracy() -> None:
    held = ("--no-simple-models", "--at-least-accuracy", "0.99")
    good, strict = (run("check", SAMPLES[one].checkpoint, SAMPLES[one].csv, *held) for one in ("planted_order", "shoulder_exercises"))

    assert good.exit_code == 0 and "Check passed on 96 test windows" in good.output
    assert strict.exit_code == 1 and re.search(r"Check failed: Accuracy 0\.9\d+ on 267 test windows is below 0\.99\.", strict.stderr)


def test_a_model_no_better_than_the_trivial_rule_fails(tmp_path: Path, planted: Path) -> None:
    frame = pd.read_csv(planted / "planted.csv")
    frame["label"] = "ch3_first"  # so that always naming this one is always right
    frame.to_csv(tmp_path / "same.csv", index=False)

    result = run("check", planted / "planted.safetensors", tmp_path / "same.csv", "--out", tmp_path / "r.html")

    assert result.exit_code == 1 and "is no better than always the commonest class (1.000)" in result.stderr


def test_a_new_file_is_compared_with_what_the_checkpoint_keeps(sines: Path, tmp_path: Path) -> None:
    hours = pd.date_range("2022-03-01", periods=400, freq="h")
    slow = 100 * np.cos(np.arange(400) / 9) + 500
    pd.DataFrame({"time": hours, "fast, raw": 10 + np.sin(np.arange(400) / 3), "slow": slow}).to_csv(tmp_path / "new.csv", index=False)

    result = run("check", sines / "sines.safetensors", tmp_path / "new.csv", "--out", tmp_path / "r.html", "--at-most-shift", "0.9")

    words = " ".join(Tags((tmp_path / "r.html").read_text()).texts)
    assert result.exit_code == 1 and "slow has moved by 1.000 from training" in result.stderr
    assert "what the checkpoint keeps of training" in words and "new windows" in words


def test_a_file_without_answers_fails_because_it_cannot_be_scored(planted: Path, tmp_path: Path) -> None:
    pd.read_csv(planted / "planted.csv").drop(columns="label").to_csv(tmp_path / "unknown.csv", index=False)

    result = run("check", planted / "planted.safetensors", tmp_path / "unknown.csv", "--out", tmp_path / "r.html")

    assert result.exit_code == 1 and "so the model cannot be scored" in result.stderr
    assert "there is no score" in (tmp_path / "r.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--at-least-accuracy", "0.9"), "The model forecasts values and no classes: use --at-most-mae."),
        (("--at-most-mae", "mass=1"), "is not TARGET=ERROR with one of the model's targets: temp, humid, pressure."),
        (("--at-most-mae", "temp=warm"), "'warm' in 'temp=warm' is no number"),
        (("--part", "new"), "nyc_weather.csv has no new windows, but 948 test and "),
        (("--at-most-shift", "2"), "is not in the range"),
    ],
)
def test_a_wrong_option_is_an_error_of_use(arguments: tuple[str, ...], said: str) -> None:
    result = run("check", WEATHER.checkpoint, WEATHER.csv, *arguments)

    assert result.exit_code == 2 and said in " ".join(result.stderr.split()) and "Traceback" not in result.output


def test_files_that_cannot_be_read_or_written_are_no_failed_check(tmp_path: Path, planted: Path) -> None:
    save_checkpoint(small_model(), tmp_path / "bare.safetensors")
    (tmp_path / "empty.csv").write_text("")

    bare = run("check", tmp_path / "bare.safetensors", planted / "planted.csv")
    empty = run("check", planted / "planted.safetensors", tmp_path / "empty.csv")
    elsewhere = run("check", planted / "planted.safetensors", planted / "planted.csv", "--out", tmp_path / "no" / "report.html")

    assert [one.exit_code for one in (bare, empty, elsewhere)] == [2, 2, 2]
    assert "holds weights alone" in bare.stderr and "empty.csv" in empty.stderr and "cannot be written" in elsewhere.stderr


@pytest.mark.parametrize("limit", ["--at-most-mae temp=nan", "--at-most-mae temp=-1", "--at-most-mae temp=inf", "--at-most-shift nan"])
def test_a_limit_that_nothing_could_break_is_refused(limit: str) -> None:
    result = run("check", WEATHER.checkpoint, WEATHER.csv, *limit.split())

    assert result.exit_code == 2 and "is no number" in result.stderr
