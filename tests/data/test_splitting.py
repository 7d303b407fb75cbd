"""Parts never share a group, a series, or a moment."""

import collections

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from complex_lstm.config import SplitConfig
from complex_lstm.data.series import Series, make_series
from complex_lstm.data.splitting import split, unsplit
from complex_lstm.errors import ConfigError, DataError
from tests.data.tables import CLASSES, counting


def made(count: int, *, group: dict[str, str] | None = None, classes: dict[str, str] | None = None) -> tuple[Series, ...]:
    return make_series(counting({f"s{number}": 4 for number in range(count)}, group=group, classes=classes), CLASSES)


def test_by_time_the_last_of_each_series_is_the_test() -> None:
    series = make_series(counting({"a": 20, "b": 10}), CLASSES)

    spans = split(series, SplitConfig("time", validation=0.2, test=0.1))

    told = [(span.series, span.start, span.stop, span.part) for span in spans]
    assert told == [
        (0, 0, 14, "training"), (0, 14, 18, "validation"), (0, 18, 20, "test"),
        (1, 0, 7, "training"), (1, 7, 9, "validation"), (1, 9, 10, "test"),
    ]  # fmt: skip


def test_a_part_with_no_share_gets_no_span() -> None:
    spans = split(made(1), SplitConfig("time", validation=0.0, test=0.5))

    assert [(span.start, span.stop, span.part) for span in spans] == [(0, 2, "training"), (2, 4, "test")]


@pytest.mark.parametrize("seed", range(5))
def test_a_group_is_never_cut(seed: int) -> None:
    series = made(12, group={f"s{number}": f"person {number % 5}" for number in range(12)})

    spans = split(series, SplitConfig("group", seed=seed))

    parts = collections.defaultdict(set)
    for span in spans:
        parts[series[span.series].group].add(span.part)
        assert (span.start, span.stop) == (0, 4)
    assert all(len(found) == 1 for found in parts.values())
    assert {part for found in parts.values() for part in found} == {"training", "validation", "test"}


@pytest.mark.parametrize("seed", range(5))
def test_series_are_drawn_within_each_class(seed: int) -> None:
    series = made(30, classes={f"s{number}": "up" if number < 20 else "down" for number in range(30)})

    spans = split(series, SplitConfig("series", validation=0.2, test=0.1, seed=seed))

    counts = collections.Counter((series[span.series].labels[-1], span.part) for span in spans)
    assert counts == {("up", "training"): 14, ("up", "validation"): 4, ("up", "test"): 2,
                      ("down", "training"): 7, ("down", "validation"): 2, ("down", "test"): 1}  # fmt: skip


def test_the_seed_draws_the_split() -> None:
    first, same, other = (
        split(made(20, classes=dict.fromkeys((f"s{n}" for n in range(20)), "one")), SplitConfig("series", seed=seed)) for seed in (1, 1, 2)
    )

    assert first == same
    assert first != other


def test_too_few_groups_are_told() -> None:
    series = made(4, group={"s0": "p", "s1": "p", "s2": "q", "s3": "q"})

    with pytest.raises(DataError, match=r"The data has 2 group\(s\), a split by group into 3 parts needs as many. Split by time"):
        split(series, SplitConfig("group"))


def test_shares_that_leave_nothing_to_train_on_are_told() -> None:
    with pytest.raises(ConfigError, match="Validation 0.5 and test 0.5 leave nothing to train on; their sum must be under 1"):
        SplitConfig(validation=0.5, test=0.5)

    with pytest.raises(DataError, match="Validation 0.4 and test 0.5 of 3 series by group leave nothing to train on. Lower the shares"):
        split(made(3, group={"s0": "p", "s1": "q", "s2": "r"}), SplitConfig("group", validation=0.4, test=0.5))


def test_new_data_is_in_no_part() -> None:
    assert [(span.start, span.stop, span.part) for span in unsplit(made(2))] == [(0, 4, "new")] * 2


NINE = made(9, group={f"s{number}": f"g{number % 4}" for number in range(9)})


@given(st.sampled_from(["time", "group", "series"]), st.floats(0, 0.4), st.floats(0, 0.4), st.integers(0, 99))
def test_the_parts_cover_every_row_once(kind: str, validation: float, test: float, seed: int) -> None:
    try:
        spans = split(NINE, SplitConfig(kind, validation, test, seed))
    except DataError:
        reject()  # shares that leave nothing to train on

    rows = collections.Counter((span.series, step) for span in spans for step in range(span.start, span.stop))
    assert rows == {(number, step): 1 for number in range(9) for step in range(4)}
