"""The benchmark of verdicts: its tasks, its wrong maps and its tables, and on a small draw that verdicts are worth about what they say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.verdicts.__main__ import kept_rows
from benchmarks.verdicts.maps import WRONG, wrong_maps
from benchmarks.verdicts.tables import auroc_within, measures, tables
from benchmarks.verdicts.tasks import STEPS, TASKS
from complex_lstm.interpretation.verdict import WORTH


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_the_same_for_the_same_seed_and_its_cause_is_a_part_of_the_window(name: str) -> None:
    task = TASKS[name]
    first, again = task.draw(40, 3), task.draw(40, 3)

    assert first.x.shape == first.cause.shape == (40, STEPS, task.features)
    np.testing.assert_array_equal(first.x, again.x)
    assert first.cause.any(axis=(1, 2)).all() and first.cause.mean() < 0.25
    if task.classes:
        assert set(first.answer.tolist()) == set(range(task.classes))
    else:
        assert np.ptp(first.answer) > 0.5


@pytest.mark.parametrize("name", TASKS)
def test_wrong_maps_are_wrong_in_the_way_that_their_names_say(name: str) -> None:
    drawn = TASKS[name].draw(5, 3)
    for x, truth in zip(drawn.x, drawn.cause, strict=True):
        made = wrong_maps(x, truth, np.ones(truth.shape), np.random.default_rng(0))
        assert set(made) == set(WRONG)
        half, twice, moved = (made[one].astype(bool) for one in ("half of the truth", "twice the truth", "truth in another feature"))
        assert (half <= truth).all() and 0.3 <= half.sum() / truth.sum() <= 0.7
        assert (truth <= twice).all() and 1.3 < twice.sum() / truth.sum() < 3
        assert not (moved & truth).any()


def made_up() -> pd.DataFrame:
    """Return two windows' maps: of the methods' maps three are trusted, of which two are right; of the true ones one of two."""
    lines = [
        (0, "occlusion", 0.9, "faithful", 0.02), (0, "shapley", 0.4, "faithful", 0.03), (0, "saliency", 0.1, "chance", 1.0),
        (0, "the truth", 1.0, "faithful", 0.02), (0, "half of the truth", 0.6, "half", 0.5),
        (1, "occlusion", 0.7, "faithful", 0.02), (1, "the truth", 1.0, "half", 0.08), (1, "half of the truth", 0.6, "faithful", 0.04),
    ]  # fmt: skip
    frame = pd.DataFrame(lines, columns=["window", "map", "auprc", "standing", "needed"])
    return frame.assign(task="shape", stage="trained", fewest=0.02, idle=0.0)


def test_the_shares_of_a_table_count_what_their_names_say() -> None:
    counted = {name: (int((hit & among).sum()), int(among.sum())) for name, (_, hit, among) in measures(made_up()).items()}

    assert counted['right, of the methods\' maps judged "faithful"'] == (2, 3)
    assert counted['right, of the methods\' maps judged "chance"'] == (0, 1)
    assert counted["trusted, of true maps"] == (1, 2)
    assert counted["trusted, of wrong maps: half of the truth"] == (1, 2)
    assert auroc_within(made_up()) == pytest.approx((1.0 + 0.5) / 2)  # window 1: above one of the two right maps, below the other
    assert "| trusted, of true maps | 0.50 |" in tables(made_up())


@pytest.mark.long
def test_on_a_small_draw_verdicts_are_worth_about_what_they_say(tmp_path: Path) -> None:
    rows = kept_rows("shape", tmp_path, windows=6)

    shares = {name: (hit & among).sum() / max(1, among.sum()) for name, (_, hit, among) in measures(rows).items()}
    said = {standing: right / count for standing, (right, count) in WORTH.items()}
    assert shares['right, of the methods\' maps judged "faithful"'] > said["faithful"] - 0.15
    assert shares["trusted, of true maps"] > 0.6
    assert shares["trusted, of wrong maps: truth shifted in time"] == shares["trusted, of wrong maps: truth in another feature"] == 0
    assert auroc_within(rows) > 0.75
