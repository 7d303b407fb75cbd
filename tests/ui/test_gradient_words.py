"""What a run recorded of its gradients, in numbers that follow by hand, and in words."""

import math

import numpy as np
import pytest

from complex_lstm.runs import Row
from complex_lstm.runs.curves import GradientCourse, gradient_course
from complex_lstm.ui.views.train.curves import clipping_sentence, scale_sentence


def rows(step: int, first: float, second: float, scale: float) -> list[Row]:
    measured = {"gradient_norm/input_proj": first, "gradient_norm/lstm_blocks": second, "gradient_scale": scale, "loss": 9.0}
    return [Row(1, step, name, value) for name, value in measured.items()]


def course(*total: float) -> GradientCourse:
    return GradientCourse(np.arange(len(total), dtype=float), ("all",), np.array(total)[:, None], np.linspace(1, 0.9, len(total)))


def test_the_whole_gradient_is_the_root_of_the_summed_squares() -> None:
    found = gradient_course([*rows(1, 3.0, 4.0, 1.0), *rows(5, 0.6, 0.8, 0.99), *rows(9, math.nan, 1.0, 0.98)])

    assert found is not None and found.parts == ("input_proj", "lstm_blocks") and found.steps.tolist() == [1, 5]
    assert found.total == pytest.approx([5.0, 1.0]) and found.scale.tolist() == [1.0, 0.99]
    assert found.clipped(1.5) == 0.5 and found.clipped(0.0) == 0.0


def test_of_several_batches_that_make_a_step_one_is_counted() -> None:
    found = gradient_course([*rows(1, 9.0, 9.0, 1.0), *rows(1, 3.0, 4.0, 1.0)])

    assert found is not None and found.total == pytest.approx([5.0])


def test_a_run_that_records_no_gradients_has_no_course() -> None:
    assert gradient_course([Row(1, 1, "loss", 0.5)]) is None


def test_clipping_is_told_by_its_share() -> None:
    some, none, off = course(0.5, 2.0, 3.0, 0.5), course(0.5, 0.25), course(0.5, 40.0)

    assert "50% of the 4 recorded steps had a gradient norm above 1 " in clipping_sentence(some, 1.0, what="recorded steps")
    assert "None of the 2 recorded steps was clipped: the largest norm was 0.5" in clipping_sentence(none, 1.0, what="recorded steps")
    assert "Off: the gradient of the 2 recorded steps was used unchanged, with a norm of 40 at most" in clipping_sentence(
        off, 0.0, what="recorded steps"
    )


def test_the_scale_is_told_from_its_first_to_its_last() -> None:
    assert "goes from 1.000 to 0.900" in scale_sentence(course(1.0, 1.0))
