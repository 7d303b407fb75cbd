"""What went on inside a model while it learned: moments made by hand, whose numbers follow by hand, and a run's own."""

from dataclasses import replace

import numpy as np
import pytest

from complex_lstm.interpretation.training_dynamics.head_diversity import specialising
from complex_lstm.interpretation.training_dynamics.settling import (
    Settling,
    gating,
    real_cells,
    score_course,
    settling,
    third_of,
)
from complex_lstm.runs.snapshots import ProbeSet, Snapshot, read_probe_set, read_snapshots
from tests.training.looked_into import looked_into

A, B, C = [1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0], [1.0, -1.0, -1.0, 1.0]  # centred, of size 1, and unrelated
WATCHED = ProbeSet("validation", np.array([5, 9]), np.array([2, 1]), np.arange(4), np.array([0, 1, 0, 1]), 1, ("all",))
FIRST, SWAPPED = [[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]


def moment(step: int, *, maps: object = (FIRST, FIRST), heads: object = (A, B), outputs: object = None, layers: int = 1) -> Snapshot:
    """Return a moment of two windows with one attention head a layer, and four judged ones.

    `heads` are the first outputs of each ensemble head at each judged window; the second are their opposites, a third is 0.
    """
    attention = np.array(maps, dtype=np.float16)[:, None, None]  # (window, layer, head, query, key)
    said = np.zeros((4, 1), dtype=np.float32) if outputs is None else np.array(outputs, dtype=np.float32)
    ensemble_heads = np.array(heads, dtype=np.float32).T[:, :, None] * np.array([1, -1, 0], dtype=np.float32)[: said.shape[1]]
    gate, shares = np.full((2, 2), 0.5, dtype=np.float32), np.full(10, 0.1, dtype=np.float32)
    return Snapshot(step, 1, np.repeat(attention, layers, axis=1), gate, shares, ensemble_heads, said, np.zeros(1, dtype=np.float32), 1.0)


def valued(truth: object) -> ProbeSet:
    return replace(WATCHED, truth=np.array(truth, dtype=np.float32)[:, None])


def settling_of(*to_last: float) -> Settling:
    steps = 10 * np.arange(len(to_last))
    return Settling(steps, np.array(to_last), np.full(len(to_last), np.nan))


def test_the_distance_is_the_attention_that_a_query_would_have_to_move() -> None:
    """Window 5: one of two queries moves all of its attention. Window 9 has one real query, which stays; the padded one does not count."""
    padded = [[1.0, 0.0], [1.0, 0.0]]
    moments = (moment(0, maps=(SWAPPED, padded)), moment(50, maps=(FIRST, FIRST)), moment(60, maps=(FIRST, FIRST)))

    (layer,) = settling(WATCHED, moments)

    assert np.allclose(layer.to_last, [(0.5 + 0) / 2, 0, 0])
    assert np.isnan(layer.pace[0]) and np.allclose(layer.pace[1:], [0.25 / 50 * 100, 0])
    assert layer.steps.tolist() == [0, 50, 60] and layer.largest == 0.25 and layer.settled_at == 50


def test_a_moment_is_finite_where_only_windows_have_ended() -> None:
    ended = replace(moment(0), gate=np.array([[0.5, 0.5], [0.5, np.nan]], dtype=np.float32))

    assert ended.is_finite and not replace(ended, scale=float("inf")).is_finite
    assert not moment(0, outputs=[[np.nan]] * 4).is_finite and not moment(0, maps=(FIRST, [[np.nan, 0], [0, 1]])).is_finite


def test_attention_has_settled_when_it_stays_within_a_tenth() -> None:
    assert settling_of(1.0, 0.5, 0.09, 0.2, 0.05, 0.0).settled_at == 40  # at step 20 it was near, and left again
    assert settling_of(1.0, 0.9, 0.8, 0.0).settled_at == 30


def test_attention_that_hardly_moved_has_not_settled_early() -> None:
    assert settling_of(0.019, 0.0, 0.0).settled_at is None
    assert settling_of(0.0).settled_at is None


def test_a_layer_counts_from_when_it_is_in() -> None:
    without = replace(moment(0), attention=np.zeros((2, 0, 0, 2, 2), dtype=np.float16))
    moments = (without, moment(10, maps=(SWAPPED, FIRST)), moment(20, layers=2))

    first, second = settling(WATCHED, moments)

    assert first.steps.tolist() == [10, 20] and np.allclose(first.to_last, [0.25, 0])
    assert second.steps.tolist() == [20] and second.settled_at is None
    assert settling(WATCHED, (without,)) == ()


@pytest.mark.parametrize(("share", "third"), [(0.0, "early"), (1 / 3, "early"), (0.34, "in the middle"), (0.67, "late"), (1.0, "late")])
def test_a_run_has_three_thirds(share: float, third: str) -> None:
    assert third_of(share) == third


def test_scale_and_offset_of_heads_do_not_set_them_apart() -> None:
    louder, opposite = (3 * np.array(A) + 7).tolist(), (-2 * np.array(A)).tolist()

    found = specialising(valued(A), (moment(0, heads=(A, louder, B, opposite)),))

    assert found.pairs == ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    assert np.allclose(found.distance, [[0, np.sqrt(2), 2, np.sqrt(2), 2, np.sqrt(2)]], atol=1e-6)


def test_errors_are_those_of_the_best_reading_of_a_head() -> None:
    """The truth is A + B. Heads that say A leave B, one that says B leaves A, and one that says A + B + C leaves less of both."""
    truth = np.array(A) + B
    mixed = truth + C  # best read by 2/3: leaves (A + B)/3 - 2C/3, of size sqrt(6)/3

    found = specialising(valued(truth), (moment(0, heads=(A, (5 - 2 * np.array(A)).tolist(), B, mixed.tolist())),))

    assert np.allclose(found.correlation, [[1, 0, 1 / np.sqrt(6), 0, 1 / np.sqrt(6), 1 / np.sqrt(6)]], atol=1e-6)


def test_classes_are_read_as_one_hot() -> None:
    """The class is that of A. A head that says it errs nowhere, so nothing correlates; B and C say nothing of it and err alike."""
    found = specialising(WATCHED, (moment(0, heads=(A, B, C), outputs=np.zeros((4, 2))),))

    assert np.isnan(found.correlation[0, :2]).all() and found.correlation[0, 2] == pytest.approx(1)


def test_a_head_that_says_the_same_of_all_has_no_distance() -> None:
    found = specialising(valued(B), (moment(0, heads=([0.1] * 4, A)), moment(9, heads=([0.3] * 4, A))))

    assert np.isnan(found.distance).all() and np.isnan(found.growth).all() and found.third is None


def test_heads_specialise_in_the_third_in_which_they_grow_apart() -> None:
    """From steps 20 to 30 the heads go from the same to unrelated: the border of the last third, at step 20, lies before."""
    alike, apart = moment(0, heads=(A, A)), moment(30, heads=(A, B))
    slowly = specialising(valued(C), (alike, replace(alike, step=20), apart))
    falling = specialising(valued(C), (replace(apart, step=0), replace(alike, step=30)))

    assert np.allclose(slowly.growth, [0, 0, np.sqrt(2)], atol=1e-6) and slowly.third == "late"
    assert np.allclose(falling.growth, -np.sqrt(2) / 3) and falling.third is None


def test_a_gate_is_spread_over_its_bins() -> None:
    closed, half_open = np.eye(10, dtype=np.float32)[0], np.eye(10, dtype=np.float32)[[2, 9]].sum(axis=0) / 2
    moments = (replace(moment(0), gate_shares=closed), replace(moment(1), gate_shares=half_open))

    found = gating(WATCHED, moments)

    assert np.allclose(found.near_0, [1, 0]) and np.allclose(found.near_1, [0, 0.5])
    assert np.allclose(found.quantiles[0], [0.01, 0.025, 0.05, 0.075, 0.09])  # evenly within the first bin
    assert np.allclose(found.quantiles[1, [0, 1, 3, 4]], [0.22, 0.25, 0.95, 0.98])


def test_the_mean_gate_weighs_a_cell_by_its_steps() -> None:
    watched = replace(WATCHED, length=np.array([3, 2]), cell=2)
    one = replace(moment(0), gate=np.array([[0.2, 0.8], [0.5, np.nan]], dtype=np.float32))

    assert real_cells(watched).tolist() == [[2, 1], [2, 0]]
    assert gating(watched, (one,)).mean == pytest.approx([(2 * 0.2 + 0.8 + 2 * 0.5) / 5])


def test_a_gate_that_is_not_in_yet_is_left_out() -> None:
    without = replace(moment(0), gate=np.full((2, 2), np.nan, dtype=np.float32), gate_shares=np.zeros(10, dtype=np.float32))

    assert gating(WATCHED, (without, moment(5))).steps.tolist() == [5]
    assert gating(WATCHED, (without,)).quantiles.shape == (0, 5)


def test_recall_is_of_each_class_and_the_loss_a_cross_entropy() -> None:
    """The classes are 0, 1, 0, 1 of three; both windows of class 0 are said to be 0, of class 1 one is."""
    sure = np.log([[2.0, 1.0, 1.0], [2.0, 1.0, 1.0], [2.0, 1.0, 1.0], [1.0, 2.0, 1.0]])

    found = score_course(WATCHED, (moment(0, outputs=np.zeros((4, 3))), moment(1, outputs=sure)))

    assert np.allclose(found.loss, [np.log(3), (3 * np.log(2) + np.log(4)) / 4], atol=1e-6)
    assert np.allclose(found.each[1], [1, 0.5, np.nan], equal_nan=True)


def test_errors_of_values_are_in_variances_of_the_truth() -> None:
    """Two targets: one of variance 4, half of it missed; one that never changes, missed by 1."""
    truth = np.array([[2.0, 5.0], [-2.0, 5.0], [2.0, 5.0], [-2.0, 5.0]])
    watched = replace(WATCHED, truth=truth.astype(np.float32))

    found = score_course(watched, (moment(0, outputs=truth * [0.5, 1.2]),))

    assert np.allclose(found.each, [[1 / 4, 1]]) and np.allclose(found.loss, [(1 + 1) / 2])


@pytest.mark.long
def test_a_run_is_seen_as_its_model_was() -> None:
    """The kept model of a run of few steps is the last moment's: its scores and its gate are what the measures say of that moment."""
    run = looked_into()
    watched, moments = read_probe_set(run.folder), read_snapshots(run.folder)
    assert watched is not None and run.status.best_epoch == 2

    layers, heads, gate, scores = (measure(watched, moments) for measure in (settling, specialising, gating, score_course))

    assert len(layers) == 2 and layers[0].steps.tolist() == [one.step for one in moments]
    assert all(one.to_last.min() >= 0 and one.to_last.max() <= 1 and one.to_last[-1] == 0 for one in layers)
    assert heads.pairs == ((0, 1), (0, 2), (1, 2)) and ((heads.distance >= 0) & (heads.distance <= 2)).all()
    assert (np.abs(heads.correlation) <= 1).all() and np.allclose(gate.shares.sum(axis=1), 1)
    accuracy = next(one for one in run.status.scores if one.part == "validation")
    counts = np.bincount(watched.truth, minlength=3)
    assert accuracy.windows == len(watched.evaluated) == 96
    assert float(scores.each[-1] @ counts) / 96 == pytest.approx(accuracy.value, abs=1e-6)
    last = [row.value for row in run.rows if row.metric == "validation_loss"][-1]
    assert scores.loss[-1] == pytest.approx(last, abs=1e-4)
