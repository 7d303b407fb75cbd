from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from complex_lstm.errors import Stopped
from complex_lstm.interpretation import ForwardFunction
from complex_lstm.interpretation.forward import linearly_interpolated, one_cell_each
from tests.interpretation.toys import CPU, Largest, Linear, forward_func_of, request_of
from tests.model.lively import random_windows, small_model

HOLES = [
    ([0, 0, 0, 0], [1, 5, 3, 7]),
    ([0, 1, 0, 0], [1, 2, 3, 7]),  # halfway between 1 and 3
    ([0, 1, 1, 0], [1, 3, 5, 7]),  # a third and two thirds of the way from 1 to 7
    ([1, 0, 0, 0], [5, 5, 3, 7]),  # nothing before: the neighbour after
    ([1, 1, 0, 0], [3, 3, 3, 7]),
    ([0, 0, 1, 1], [1, 5, 5, 5]),  # nothing after: the neighbour before
    ([1, 0, 1, 1], [5, 5, 5, 5]),
    ([0, 1, 0, 1], [1, 2, 3, 3]),
    ([1, 1, 1, 1], [1, 3, 5, 7]),  # the whole column: from its first cell to its last
]


@pytest.mark.parametrize(("hole", "expected"), HOLES)
def test_a_hole_is_bridged_from_the_cells_beside_it(hole: list[int], expected: list[float]) -> None:
    x = torch.tensor([1.0, 5.0, 3.0, 7.0])[None, :, None]

    assert linearly_interpolated(x, torch.tensor(hole, dtype=torch.bool)[None, :, None]).flatten().tolist() == pytest.approx(expected)


def test_each_window_and_feature_is_bridged_by_itself() -> None:
    x = torch.tensor([1.0, 5.0, 3.0, 7.0])
    holes = torch.tensor([hole for hole, _ in HOLES], dtype=torch.bool)
    both = torch.stack([holes, holes.flip(0)], dim=-1)  # (hole, time, feature)

    found = linearly_interpolated(x[None, :, None].expand(len(HOLES), -1, 2), both)

    lines = torch.tensor([line for _, line in HOLES], dtype=torch.float)
    assert torch.allclose(found, torch.stack([lines, lines.flip(0)], dim=-1))


@pytest.mark.parametrize("hole", [False, True])
def test_a_window_of_one_step_has_nothing_to_be_bridged_from_and_stays(hole: bool) -> None:
    x = torch.tensor([[[4.0, -2.0]]])

    assert torch.equal(linearly_interpolated(x, torch.full_like(x, hole, dtype=torch.bool)), x)


def test_removed_cells_are_filled_once_from_each_baseline() -> None:
    forward_func = forward_func_of(Linear([[1.0, 1.0]]), [[1.0, 2.0]], baselines=[[[10.0, 20.0]], [[30.0, 40.0]]])

    filled = forward_func.filled(torch.tensor([[[True, False]], [[False, True]], [[True, True]]]))

    assert filled.tolist() == [[[[10, 2]], [[1, 20]], [[10, 20]]], [[[30, 2]], [[1, 40]], [[30, 40]]]]


def test_an_output_without_cells_is_the_mean_of_the_outputs_and_not_of_the_baselines() -> None:
    forward_func = forward_func_of(Largest(), [[1.0, 2.0]], baselines=[[[0.0, 0.0]], [[9.0, 0.0]]])

    without = forward_func.without(torch.tensor([[[True, False]]]))

    assert without.tolist() == [(2 + 9) / 2]  # max(0, 2) and max(9, 2); at the mean baseline it were max(4.5, 2)


def test_the_gap_is_the_output_less_the_output_with_nothing_left() -> None:
    x, weight = [[1.0, 1.0], [2.0, 3.0]], [[1.0, 2.0], [3.0, -4.0]]  # the output is 1 + 2 + 6 - 12 = -3

    assert forward_func_of(Linear(weight), x, baseline=1.0).gap() == -3 - (1 + 2 + 3 - 4)
    assert forward_func_of(Linear(weight), x, output=1, unit=0.5).gap() == -3 * 10 * 0.5
    assert forward_func_of(Linear(weight), x, baselines=[[[0.0, 0.0], [0.0, 0.0]], x]).gap() == -3 - (0 - 3) / 2
    assert forward_func_of(Linear(weight), x, interpolated=True).gap() == 0  # a line of two steps is the window itself


def test_a_probability_is_the_softmax_of_the_outputs() -> None:
    third = float(np.log(3) / 9)  # the outputs are s and 10 s: the first one's probability is 1 / (1 + e^9s), here 1/4

    forward_func = forward_func_of(Linear([[1.0]]), [[third]], as_probability=True)

    assert forward_func.outputs(forward_func.x) == pytest.approx([1 / 4])
    assert forward_func.gap() == pytest.approx(1 / 4 - 1 / 2)  # without the cell both are 0


def test_a_calibrated_probability_is_that_of_the_outputs_divided_by_the_temperature() -> None:
    ninth = float(np.log(9) / 9)  # the logits are s and 10 s, log(9) apart: halved, log(3)

    request = replace(request_of([[ninth]], as_probability=True), temperature=2.0)
    forward_func = ForwardFunction(Linear([[1.0]]), request, CPU)

    assert forward_func.outputs(forward_func.x) == pytest.approx([1 / 4])


def model_asked(kind: str) -> ForwardFunction:
    x = random_windows(6, 4).numpy().tolist()
    drawn = random_windows(3, 6, 4, seed=5).numpy().tolist()
    about: dict = {"one": {}, "many": {"baselines": drawn}, "interpolated": {"interpolated": True}}[kind]
    return ForwardFunction(small_model(), request_of(x, **about), CPU)


ROUNDING = 4e-6  # of outputs near 1 in single precision: another number of windows takes other kernels, on some processors by 1.2e-6


@pytest.mark.long
@pytest.mark.parametrize("kind", ["one", "many", "interpolated"])
@pytest.mark.parametrize("batch", [1, 4, 7, 64])
def test_many_removals_give_what_each_gives_alone(kind: str, batch: int) -> None:
    forward_func = model_asked(kind)
    removed = random_windows(11, 6, 4, seed=9) > 0
    alone = [forward_func.without(one[None]).item() for one in removed]

    forward_func.batch = batch

    assert forward_func.without(removed) == pytest.approx(alone, abs=ROUNDING)


@pytest.mark.parametrize("batch", [1, 4, 64])
def test_many_windows_give_what_each_gives_alone(batch: int) -> None:
    forward_func, windows = model_asked("one"), random_windows(11, 6, 4, seed=9)
    alone = [forward_func.outputs(one[None]).item() for one in windows]

    forward_func.batch = batch

    assert forward_func.outputs(windows) == pytest.approx(alone, abs=1e-6)


def test_windows_that_go_through_the_model_are_counted() -> None:
    model, nothing = Linear([[1.0, 2.0]]), torch.zeros(5, 1, 2, dtype=torch.bool)
    forward_func = forward_func_of(model, [[1.0, 1.0]], baselines=[[[0.0, 0.0]], [[1.0, 1.0]]])

    forward_func.outputs(forward_func.x)
    forward_func.without(nothing)

    assert forward_func.evaluations == model.seen == 1 + 5 * 2  # each removal once for each baseline


def test_who_wants_to_stop_is_heard_before_each_forward_pass() -> None:
    model, wishes = Linear([[1.0, 2.0]]), iter([False, False, True])
    forward_func = ForwardFunction(model, request_of([[1.0, 1.0]]), CPU, stop=lambda: next(wishes))
    forward_func.batch = 2

    with pytest.raises(Stopped, match="Stopped before the end. What was done by then is kept."):
        forward_func.outputs(torch.zeros(9, 1, 2))

    assert forward_func.evaluations == model.seen == 2 * 2


def test_a_copy_is_asked_the_same_and_shares_no_weight() -> None:
    forward_func = forward_func_of(Linear([[1.0, 2.0]]), [[1.0, 1.0]])
    copied = forward_func.with_copied_model()

    with torch.no_grad():
        copied.model.weight.zero_()

    def said(one: ForwardFunction) -> Tensor:
        return one.outputs(one.x).tolist()

    assert said(forward_func) == [3] and said(copied) == [0] and copied.request is forward_func.request


def test_single_cells_come_some_at_a_time_so_that_a_long_window_needs_no_gigabytes() -> None:
    cells = np.arange(0, 1024 * 40, 3)

    first, *_, last = one_cell_each(cells, 1024, 40)

    assert first.shape == (256, 1024, 40) and len(last) == len(cells) % 256
    assert first[2].nonzero().tolist() == [[0, 6]] and last[-1].nonzero().tolist() == [list(divmod(int(cells[-1]), 40))]
