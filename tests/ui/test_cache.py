"""The setup that the Data page suggests and a link carries; and the results that the server keeps, which never exceed their limit."""

import shlex
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import torch

from complex_lstm.config import DerivedFeature, ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig
from complex_lstm.data import examine, prepare_training, read_csv
from complex_lstm.errors import Stopped
from complex_lstm.model import ComplexLSTMModel, Trace
from complex_lstm.recipe import Conversion, Fitting, Rename
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import KIND_BYTES, MOST_BYTES, find_setup, keep_setup, remember, suggested_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.compute.store import Store, bytes_of
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.runs import command_line


@pytest.mark.long
@pytest.mark.parametrize("sample", SAMPLES)
def test_the_suggested_setup_makes_windows_of_every_sample(sample: str) -> None:
    table = read_csv(SAMPLES[sample].csv)
    setup = suggested_setup(sample)

    made = prepare_training(table, setup.roles, setup.window, setup.split)

    assert {"training", "validation", "test"} <= set(made.windows.part)


def test_a_setup_is_found_again_as_it_was_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    setup = suggested_setup("planted_order")

    key = keep_setup(setup)

    assert find_setup(key) == setup and keep_setup(setup) == key


def trace(steps: int) -> Trace:
    model = ComplexLSTMModel(2, hidden_dim=8, num_lstm_layers=2, num_heads=2, output_dim=1).eval()
    return model.trace(torch.zeros(1, steps, 2))


def test_a_trace_is_made_once_and_found_again() -> None:
    kept, made = Store(MOST_BYTES, bytes_of), trace(5)

    assert kept.find("a", lambda: made) is made
    assert kept.find("a", lambda: trace(5)) is made and kept.size == bytes_of(made)


def test_64_long_traces_are_not_kept() -> None:
    """They once were, for each of three kinds: 14 GB of windows of 1,000 steps."""
    long, short = trace(400), trace(5)
    kept = Store(3 * bytes_of(long), bytes_of)

    for number in range(64):
        kept.find(number, lambda: long)
    assert len(kept) == 3 and kept.size == 3 * bytes_of(long)

    for number in range(64, 128):
        kept.find(number, lambda: short)
    assert len(kept) == 64 + 2 and kept.size <= 3 * bytes_of(long)  # one long one made room for all short ones


def test_the_least_recently_used_is_dropped_first_and_one_that_is_too_large_is_kept_alone() -> None:
    one = trace(50)
    kept = Store(2 * bytes_of(one), bytes_of)
    for key in ("a", "b", "a", "c"):
        kept.find(key, lambda: one)
    assert kept.find("a", lambda: trace(5)) is one
    assert kept.find("b", lambda: trace(5)) is not one

    large = trace(400)
    assert kept.find("large", lambda: large) is large and len(kept) == 1


def test_the_size_is_that_of_all_values() -> None:
    found = trace(5)

    boxes = 9 * 5 * 8  # projected, encoded, two convolution stages, gate, fused, two blocks, attended
    scales = sum(one.numel() for one in (*found.conv1_scales, *found.conv2_scales))
    attention, vectors, lengths = 2 * 5 * 5, 3 * 8 + 3 + 1, 2  # the length is an int64, twice a float
    assert bytes_of(found) == 4 * (boxes + scales + attention + vectors + lengths)


def test_of_each_kind_the_results_used_last_are_kept() -> None:
    """In one store for all kinds, many small results would have pushed out the few that take long."""
    made: list[str] = []

    def look(kind: str, key: str) -> str:
        return remember(f"test_{kind}", key, lambda: made.append(key) or key, most=2)

    for kind, key in (("slow", "a"), ("quick", "b"), ("quick", "c"), ("quick", "d"), ("quick", "c"), ("slow", "a"), ("quick", "b")):
        assert look(kind, key) == key

    assert made == ["a", "b", "c", "d", "b"]


def test_what_two_visitors_ask_for_at_once_is_made_once() -> None:
    kept: Store[int] = Store(8)
    begun, go_on, made = threading.Event(), threading.Event(), []

    def make() -> int:
        begun.set()
        go_on.wait()
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(2) as visitors:
        first = visitors.submit(kept.find, "a", make)
        begun.wait()
        second = visitors.submit(kept.find, "a", make)
        go_on.set()

    assert (first.result(), second.result(), made) == (1, 1, [1])


def test_where_the_first_visitor_stops_the_next_one_makes_it() -> None:
    kept: Store[int] = Store(8)

    def stop() -> int:
        raise Stopped("Stopped before the end.")

    with pytest.raises(Stopped):
        kept.find("a", stop)

    assert kept.find("a", lambda: 2) == 2


def test_a_few_large_results_of_a_kind_make_room_for_each_other() -> None:
    large = np.zeros(KIND_BYTES // 2 + 1, dtype=np.uint8)
    first = remember("test_large", 1, large.copy, most=4)

    assert remember("test_large", 1, large.copy, most=4) is first
    remember("test_large", 2, large.copy, most=4)

    assert remember("test_large", 1, large.copy, most=4) is not first


def test_the_bytes_of_a_result_are_those_of_all_that_it_holds() -> None:
    column = np.zeros(100)
    long, short = (go.Figure(go.Scatter(x=column[:points], y=column[:points])) for points in (90, 50))

    assert bytes_of({"a": [column, (column,)]}) == 2 * 800
    assert bytes_of(pd.DataFrame({"a": column}, index=pd.RangeIndex(100))) == 800 + bytes_of(pd.DataFrame(index=pd.RangeIndex(100)))
    assert bytes_of(long) - bytes_of(short) == 2 * 40 * 8
    assert bytes_of(ComplexLSTMModel(2, hidden_dim=8)) == 0


def test_a_setup_of_the_file_has_the_names_of_the_file_and_no_fitting() -> None:
    roles = Roles(("temp", "humid", "age of temp"), ("temp",), "values", time="time")
    fitting = Fitting((Rename("T", "temp"), Rename("when", "time")), (Conversion("temp", 1.8, 32.0),))
    setup = Setup(roles, WindowConfig(), SplitConfig(), fitting=fitting, derived=(DerivedFeature("age", "temp"),))

    own = setup.of_file

    assert own.roles == Roles(("T", "humid"), ("T",), "values", time="when")
    assert own.fitting == Fitting() and own.derived == (DerivedFeature("age", "T"),)


def test_the_command_line_of_a_training_derives_the_same_features() -> None:
    features = ("x", "age of x", "hour of day (sin)", "hour of day (cos)", "change of x")
    derived = (
        DerivedFeature("age", "x"),
        DerivedFeature("hour of day"),
        DerivedFeature("change", "x"),
        DerivedFeature("one hot", "a,b", "N"),
    )
    setup = Setup(Roles(features, ("x",), "values"), WindowConfig(), SplitConfig(), derived=derived)

    words = shlex.split(command_line("x.csv", None, setup, ModelConfig(), TrainingConfig()))

    assert "--features=x" in words and "--derive=age:x" in words and "--derive=hour of day" in words and "--derive=change:x" in words
    assert '--derive=one hot:"a,b",N' in words


def test_a_file_that_was_examined_is_not_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    content = b"t,x\n1,2\n2,3\n3,5\n"
    kept = open_workspace().keep("data", content, "mine.csv")
    found = examine(content, "mine.csv")

    cache.keep_examination(kept.key, found)
    kept.path.unlink()

    assert cache.examination(kept.key) is found and cache.table(kept.key) is found.table
