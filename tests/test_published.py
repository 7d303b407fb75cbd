"""The published tasks against their definitions, the paper's metrics by hand, and the command on a small draw."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import published
from benchmarks.published import PAPER, Scores, explained, macro_f1, make_split, scores, tables, trained
from benchmarks.published_tasks import LENGTHS, SPIKE, TASKS, Planted, make_published, narma
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.ground_truth import true_cells

README = Path(__file__).resolve().parent.parent / "benchmarks" / "README.md"


def stretches(cause: np.ndarray) -> list[tuple[int, int]]:
    """Return where each run of true cells of one feature begins and ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], cause.astype(int), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


@pytest.fixture(scope="module", params=list(TASKS))
def drawn(request: pytest.FixtureRequest) -> tuple[str, Planted]:
    return request.param, make_published(request.param, 200, seed=3)


def test_each_class_is_as_common_and_each_draw_is_of_the_seed(drawn: tuple[str, Planted]) -> None:
    name, planted = drawn

    again, other = make_published(name, 200, seed=3), make_published(name, 200, seed=4)

    assert np.bincount(planted.label).tolist() == [50] * 4
    assert planted.x.shape == (200, TASKS[name].steps, TASKS[name].features)
    assert np.array_equal(planted.x, again.x) and not np.array_equal(planted.x, other.x)
    assert not np.array_equal(planted.label, np.sort(planted.label))


def test_spikes_stand_10_or_17_steps_apart_and_point_as_the_class_says() -> None:
    planted = make_published("FreqShapes", 200, seed=0)

    for x, cause, label in zip(planted.x[..., 0], planted.cause[..., 0], planted.label, strict=True):
        sign, every = {"down_10": (-1, 10), "up_10": (1, 10), "down_17": (-1, 17), "up_17": (1, 17)}[planted.classes[label]]
        starts = [start for start, _ in stretches(cause)]
        assert {stop - start for start, stop in stretches(cause)} == {3}  # of a spike at 32 or 39 the next would not fit
        assert (np.diff(starts) == every).all()
        assert x[cause].mean() == pytest.approx(sign * SPIKE.mean(), abs=5 * 0.25 / np.sqrt(cause.sum()))
        assert x[~cause].mean() == pytest.approx(0, abs=5 * 0.25 / np.sqrt((~cause).sum()))


def test_two_trends_run_as_the_class_says_and_none_in_the_first_class() -> None:
    planted = make_published("SeqComb-UV", 200, seed=0)

    slopes = {name: [] for name in planted.classes}
    for x, cause, label in zip(planted.x[..., 0], planted.cause[..., 0], planted.label, strict=True):
        found = stretches(cause)
        if len(found) == 2:  # they may touch
            assert all(LENGTHS[0] <= stop - start < LENGTHS[1] for start, stop in found) and found[0][0] < 100
            slopes[planted.classes[label]].append([np.polyfit(np.arange(stop - start), x[start:stop], 1)[0] > 0 for start, stop in found])
        assert cause.any() == (planted.classes[label] != "nothing")
    assert not slopes["nothing"]
    for name, rising in {"falls_falls": [0, 0], "rises_rises": [1, 1], "rises_falls": [1, 0]}.items():
        assert np.mean(slopes[name], axis=0) == pytest.approx(rising, abs=0.1) and len(slopes[name]) >= 45  # the wave may turn a short one


def test_a_trend_spans_five_times_the_range_of_the_series_around_it() -> None:
    planted = make_published("SeqComb-UV", 40, seed=0)

    for x, cause, label in zip(planted.x[..., 0], planted.cause[..., 0], planted.label, strict=True):
        if planted.classes[label] != "nothing":
            around = 5 * (x[~cause].max() + abs(x[~cause].min()))
            assert 0.75 * around - 2 < np.ptp(x[cause]) < 1.2 * around + 2  # the wave adds up to 1 at each end


def test_a_stretch_of_little_variance_lies_in_the_feature_and_at_the_level_of_the_class() -> None:
    planted = make_published("LowVar", 200, seed=0)

    for x, cause, label in zip(planted.x, planted.cause, planted.label, strict=True):
        feature = 0 if planted.classes[label].startswith("first") else 1
        ((start, stop),) = stretches(cause[:, feature])
        assert not cause[:, 1 - feature].any()
        assert LENGTHS[0] <= stop - start < LENGTHS[1] and 20 <= start < 160
        level = 1.5 if planted.classes[label].endswith("high") else -1.5
        assert x[start:stop, feature].mean() == pytest.approx(level, abs=0.2)
        assert x[start:stop, feature].std() < 0.25 < 0.7 < x[~cause[:, feature], feature].std()


def test_the_background_follows_its_recursion() -> None:
    u = np.random.default_rng(5).uniform(0, 0.5, 4)

    first, second = narma(2, np.random.default_rng(5))

    assert first == pytest.approx(1.5 * u[0] * u[2] + 0.1)
    assert second == pytest.approx(0.3 * first + 0.05 * first * (first + 0) + 1.5 * u[1] * u[3] + 0.1)


def test_scores_of_a_map_of_four_cells_by_hand() -> None:
    cells, truth = np.array([[2.0], [6.0], [4.0], [2.0]]), np.array([[False], [True], [False], [True]])

    found = scores(cells, truth)

    # Scaled: 0, 1, 0.5, 0. Precision at thresholds 0, 0.5 and 1: 2/4, 1/2, 1; recall: 1, 1/2, 1/2.
    assert found.auprc == pytest.approx(1 / 2 * 1 + 1 / 2 * 2 / 4, abs=1e-6)  # the first true cell is found alone, the second with all
    assert found.aup == pytest.approx(0.5 * (1 / 2 + 1 / 2) / 2 + 0.5 * (1 / 2 + 1) / 2, abs=1e-6)
    assert found.aur == pytest.approx(0.5 * (1 + 1 / 2) / 2 + 0.5 * (1 / 2 + 1 / 2) / 2, abs=1e-6)


def test_a_map_that_is_the_truth_is_right_at_every_threshold() -> None:
    truth = np.array([[True, False], [False, False], [False, False]])

    found = scores(truth.astype(float), truth)

    assert found.auprc == 1 and found.aur == pytest.approx(1)
    assert found.aup == pytest.approx((1 / 6 + 1) / 2)  # a trapezoid from all cells, of which a sixth is true, to the true one


def test_the_sign_counts_and_a_flat_map_has_no_areas() -> None:
    truth = np.array([[True], [False], [False]])

    assert scores(np.array([[-3.0], [1.0], [2.0]]), truth).auprc == pytest.approx(1 / 3)
    assert scores(np.zeros((3, 1)), truth) == Scores(pytest.approx(1 / 3), 0.0, 0.0)


def test_a_split_is_parted_class_by_class_and_its_truth_is_that_of_its_windows() -> None:
    split = make_split("FreqShapes", 1, series=244)
    dataset = split.dataset
    test = dataset.windows.of_part("test")

    assert [len(dataset.windows.of_part(part)) for part in ("training", "validation", "test")] == [200, 4, 40]
    assert set(np.unique(dataset.windows.label[test], return_counts=True)[1]) == {10}
    for window in test:
        spikes = dataset.windows.inputs(np.array([window]))[0][true_cells(split.known, dataset, int(window))]
        assert (spikes.mean() > 0.5) == dataset.windows.label[window].startswith("up")
        assert (spikes.mean() < -0.5) == dataset.windows.label[window].startswith("down")


def test_series_in_which_nothing_is_planted_are_not_explained() -> None:
    split = make_split("SeqComb-UV", 1, series=122)

    windows = split.to_explain(10)

    assert len(set(windows.tolist())) == 10 and "nothing" not in split.dataset.windows.label[windows]
    assert set(windows) <= set(split.dataset.windows.of_part("test"))


@pytest.mark.long
def test_a_model_is_trained_once_and_every_method_is_scored(tmp_path: Path) -> None:
    split = make_split("FreqShapes", 1, series=122)
    kept = tmp_path / "models" / "kept.safetensors"

    model = trained(split, kept, epochs=1)
    written = kept.stat().st_mtime_ns
    found = explained(split, trained(split, kept, epochs=1), windows=2)

    assert kept.stat().st_mtime_ns == written and 0 <= macro_f1(split, model) <= 1
    assert found.groupby("method").size().to_dict() == {method: 2 for method in METHODS if method not in published.LEFT_OUT}
    assert found[["auprc", "aup", "aur"]].stack().between(0, 1).all() and (found["seconds"] > 0).all()


def test_a_split_that_is_stored_is_not_made_again(tmp_path: Path) -> None:
    runs = published.complete_runs(["FreqShapes"], [1], tmp_path)

    assert not list(tmp_path.iterdir()) and ((runs["task"] == "FreqShapes") & (runs["split"] == 1)).any()


def test_a_table_has_the_mean_over_splits_and_what_the_paper_has() -> None:
    runs = pd.DataFrame(
        [("LowVar", split, f1, 50, "occlusion", auprc, 0.5, 0.25, 1.0) for split, f1, auprc in ((1, 0.9, 0.6), (2, 1.0, 0.8))],
        columns=published.COLUMNS,
    )

    predictors, methods = tables(runs).split("\n\n")

    assert predictors.splitlines()[2] == "| LowVar | 2 | 100 | 0.950 ± 0.050 |"
    assert methods.splitlines()[2] == "| Occlusion | 0.700 ± 0.100 | 0.500 ± 0.000 | 0.250 ± 0.000 |"
    assert methods.splitlines()[3] == f"| TimeX, in the paper | {PAPER['TimeX']['LowVar']} |  |  |"


def test_the_readme_has_the_tables_of_the_stored_splits() -> None:
    made = tables(pd.read_csv(published.RUNS))

    readme = README.read_text(encoding="utf-8")

    for table in made.split("\n\n"):
        assert table in readme
