"""Many files: parts that are whole, kept and equal however the work is shared; failures listed at the end."""

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from complex_lstm.errors import DataError
from complex_lstm.many_files.finding import find_files
from complex_lstm.many_files.job import Outcome
from complex_lstm.many_files.processes import in_processes
from tests.cli.command import PLACES, run, told
from tests.cli.many_jobs import CountLines


@pytest.fixture(scope="module")
def folder(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tables of twelve series each, one in a subfolder and as Parquet, one that is none, a note, and what Parquet's readers skip."""
    place = tmp_path_factory.mktemp("many") / "in"
    (place / "site=7").mkdir(parents=True)
    frame = pd.read_csv(planted / "planted.csv")
    first = frame["series_id"].isin(frame["series_id"].unique()[:12])
    frame[first].to_csv(place / "a.csv", index=False)
    frame[~first].to_parquet(place / "site=7" / "b.parquet", index=False)
    frame.drop(columns="ch3").to_csv(place / "lacking.csv", index=False)
    (place / "README.md").write_text("Two sites.\n")
    (place / "_old.csv").write_text("a,b\n1,2\n")
    return place


def files_of(out: Path) -> dict[str, bytes]:
    return {str(one.relative_to(out)): one.read_bytes() for one in sorted(out.rglob("*")) if one.is_file()}


@pytest.fixture(scope="module")
def predicted(planted: Path, folder: Path) -> tuple[Path, str]:
    """The folder with the parts of a plain run, and what it printed."""
    out = folder.parent / "out"
    result = run("predict", "--model", planted / "planted.safetensors", "--data", folder, "--out", out)
    assert result.exit_code == 1  # for the file that lacks a column
    return out, result.output


def test_a_folder_becomes_a_part_for_each_file_and_a_list_of_failures(planted: Path, folder: Path, predicted: tuple[Path, str]) -> None:
    out, output = predicted

    parts, listing = pd.read_parquet(out), pd.read_csv(out / "_files.csv").set_index("file")

    assert [*files_of(out)] == ["_files.csv", "a.csv.parquet", "site=7/b.parquet.parquet"]
    assert listing["state"].to_dict() == {"a.csv": "part", "lacking.csv": "failed", "site=7/b.parquet": "part"}
    assert list(parts)[:7] == ["file", *PLACES] and parts["file"].tolist() == ["a.csv"] * 12 + ["site=7/b.parquet"] * 12
    assert parts["site"].tolist()[12:] == [7] * 12  # which readers take from the folder's name
    assert "needs the column 'ch3', which lacking.csv lacks" in listing["reason"]["lacking.csv"]
    assert (
        "1 of 3 files failed:\n  lacking.csv  The model needs" in output and "1 file left out, by the ending no table: README.md" in output
    )
    assert "Accuracy" in listing["result"]["a.csv"] and "2 parts with 24 rows;" in output
    run("predict", "--model", planted / "planted.safetensors", "--data", folder / "a.csv", "--out", folder.parent / "a.csv")
    alone, part = pd.read_csv(folder.parent / "a.csv"), pd.read_parquet(out / "a.csv.parquet").drop(columns="file")
    part.to_csv(folder.parent / "part.csv", index=False)
    pd.testing.assert_frame_equal(alone, pd.read_csv(folder.parent / "part.csv"), rtol=1e-6)


def test_the_same_command_again_keeps_what_is_done_and_does_what_has_changed(
    planted: Path, folder: Path, predicted: tuple[Path, str], tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "in")
    shutil.copytree(predicted[0], tmp_path / "out")
    before = files_of(tmp_path / "out")
    frame = pd.read_csv(tmp_path / "in" / "a.csv")
    again = ("predict", "--model", planted / "planted.safetensors", "--data", tmp_path / "in", "--out", tmp_path / "out")

    same = run(*again)
    kept = files_of(tmp_path / "out")
    frame.assign(ch3=frame["ch3"] + 1).to_csv(tmp_path / "in" / "a.csv", index=False)
    (tmp_path / "in" / "site=7" / "b.parquet").unlink()
    changed = run(*again)
    frame.drop(columns="ch7").to_csv(tmp_path / "in" / "a.csv", index=False)
    worse = run(*again)

    assert kept == before and "2 parts with 24 rows, of which 2 are kept from before" in same.output
    assert "1 part with 12 rows;" in changed.output and "1 part is of no file of this run: site=7/b.parquet.parquet" in changed.output
    assert "2 of 2 files failed" in worse.output and not (tmp_path / "out" / "a.csv.parquet").exists()  # of another content


def test_a_pattern_of_files_is_explained_and_checked(planted: Path, folder: Path, tmp_path: Path) -> None:
    model, pattern = planted / "planted.safetensors", folder / "**" / "[ab].*"

    explained = run("explain", "--model", model, "--data", pattern, "--out", tmp_path / "why", "--most", 2)
    checked = run("check", model, pattern, "--out", tmp_path / "checked", "--at-least-accuracy", 1)

    assert explained.exit_code == 0 and checked.exit_code == 1
    why = pd.read_parquet(tmp_path / "why")
    assert why.groupby("file")["importance"].count().to_dict() == {"a.csv": 18, "site=7/b.parquet": 18}
    alone = run("explain", "--model", model, "--data", folder / "a.csv", "--out", tmp_path / "a.csv", "--most", 2)
    assert alone.exit_code == 0
    assert why["importance"][:18].tolist() == pytest.approx(pd.read_csv(tmp_path / "a.csv")["importance"].tolist(), abs=1e-5)
    scores = pd.read_parquet(tmp_path / "checked")
    assert scores["part"].tolist() == ["new", "new"] and scores["windows"].tolist() == [12, 12] and not scores["passed"].any()
    assert checked.stderr.count("Check failed: ") == 2 and "below 1." in checked.stderr
    assert "a.csv" in (tmp_path / "checked" / "_reports" / "a.csv.html").read_text()


def test_what_would_be_lost_or_read_again_is_refused(planted: Path, folder: Path, tmp_path: Path) -> None:
    place = ("predict", "--model", planted / "planted.safetensors", "--data", folder, "--out")
    (tmp_path / "file").touch()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv.parquet").write_text("my own")

    assert "lies among the files that are read" in told(run(*place, folder / "out"))
    assert "is a file, and the parts of many files need a folder" in told(run(*place, tmp_path / "file"))
    single = run(*place[:4], folder / "a.csv", "--out", tmp_path / "one.csv", "--workers", 2)
    assert "is the name of a file, and parts need a folder." in told(single) and "leave --workers and --engine out" in told(single)
    foreign = run(*place, tmp_path / "out")
    assert "a.csv.parquet is there already, and no part of such a result" in foreign.output
    assert (tmp_path / "out" / "a.csv.parquet").read_text() == "my own"
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").touch()
    with pytest.raises(DataError, match=r"holds no table\. Of 1 other files the first is 'a.md'"):
        find_files(tmp_path / "notes")


@pytest.mark.long
def test_a_killed_process_loses_nothing_and_a_file_that_kills_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(6):
        (tmp_path / "in" / f"{number}.csv").write_text("line\n" * number)
    (tmp_path / "in" / "deadly.csv").write_text("kill")
    (tmp_path / "in" / "once.csv").write_text("kill once")
    files, outcomes = find_files(tmp_path / "in").files, list[Outcome]()

    in_processes(CountLines(tmp_path), files, tmp_path / "out", 2, 2, outcomes.append)

    failed = {one.file: one.reason for one in outcomes if one.reason}
    assert [*failed] == ["deadly.csv"] and "killed by signal 9, 2 times" in failed["deadly.csv"]
    assert sorted(one.file for one in outcomes) == [one.name for one in files]
    assert pd.read_parquet(tmp_path / "out").set_index("file")["lines"].to_dict() == {
        **{f"{number}.csv": number for number in range(6)}, "once.csv": 1,
    }  # fmt: skip
    assert {one.told.words for one in outcomes if not one.reason} == {"1 cores"}


@pytest.mark.long
@pytest.mark.parametrize("sharing", [("--workers", "2"), ("--workers", "2", "--engine", "ray")])
def test_parts_are_the_same_bytes_however_the_work_is_shared(
    planted: Path, folder: Path, predicted: tuple[Path, str], tmp_path: Path, sharing: tuple[str, ...]
) -> None:
    if "ray" in sharing:
        pytest.importorskip("ray")
    command = [sys.executable, "-m", "complex_lstm", "predict", "--model", planted / "planted.safetensors", "--data", folder]

    done = subprocess.run([*command, "--out", tmp_path / "out", *sharing], capture_output=True, text=True)

    assert done.returncode == 1 and "1 of 3 files failed" in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert files_of(tmp_path / "out") == files_of(predicted[0])
