"""Figures of training: each run has its colour, each part its line, and the kept epoch its ring."""

import numpy as np

from complex_lstm.figures.theme import PALETTE
from complex_lstm.figures.training import RunCurve, epoch_curves, gradient_lines, rate_line, scale_line, search_history, total_norm_line

HOSTILE = '<a href="http://x">$a$</a>'
EPOCHS, LOSSES = np.array([1.0, 2.0, 3.0]), np.array([0.9, 0.5, 0.7])


def test_a_run_has_one_colour_and_its_training_part_is_dotted() -> None:
    curves = (RunCurve("a", EPOCHS, LOSSES, is_training=True), RunCurve("a", EPOCHS, LOSSES), RunCurve("b", EPOCHS, LOSSES))

    first, second, other = epoch_curves(curves, measure="loss", title="").data

    assert (first.line.dash, second.line.dash, other.line.dash) == ("dot", "solid", "solid")
    assert first.line.color == second.line.color == PALETTE[0] and other.line.color == PALETTE[1]
    assert [one.name for one in (first, second, other)] == ["a, training", "a, validation", "b, validation"]
    assert np.allclose(first.y, LOSSES)


def test_the_epoch_whose_model_is_kept_is_ringed() -> None:
    line, ring = epoch_curves((RunCurve("a", EPOCHS, LOSSES, kept=2),), measure="loss", title="").data

    assert line.name == "validation"  # one run needs no name
    assert list(ring.x) == [2] and np.allclose(ring.y, [0.5])


def test_a_run_without_a_kept_epoch_has_no_ring() -> None:
    assert len(epoch_curves((RunCurve("a", EPOCHS, LOSSES, kept=9),), measure="loss", title="").data) == 1


def test_gradients_of_nothing_break_the_line() -> None:
    figure = gradient_lines((EPOCHS,), (np.array([0.1, 0.0, 10.0]),), parts=("lstm_blocks",), title="")

    assert figure.layout.yaxis.type == "log"
    assert np.isnan(figure.data[0].y[1]) and np.allclose(figure.data[0].y[[0, 2]], [0.1, 10.0])


def test_a_logarithmic_axis_marks_no_more_than_it_has_room_for() -> None:
    short, long = (gradient_lines((EPOCHS,), (np.array([1.0, 3.0, top]),), parts=("a",), title="") for top in (9.0, 5000.0))

    assert short.layout.yaxis.dtick == "D2" and long.layout.yaxis.dtick == 1


def test_the_norm_at_which_is_clipped_is_a_line_where_there_is_one() -> None:
    norms = np.array([0.5, 2.0, 1.0])

    clipped, never = total_norm_line(EPOCHS, norms, clip=1.5, title=""), total_norm_line(EPOCHS, norms, clip=0.0, title="")

    assert clipped.data[1].name == "clipped at 1.5" and list(clipped.data[1].y) == [1.5, 1.5] and list(clipped.data[1].x) == [1, 3]
    assert len(never.data) == 1 and never.layout.yaxis.type == "log"


def test_scale_and_learning_rate_are_drawn_as_they_are() -> None:
    scale, rate = scale_line(EPOCHS, LOSSES, title=""), rate_line(EPOCHS, LOSSES, title="")

    assert np.allclose(scale.data[0].y, LOSSES) and scale.layout.shapes[0].y0 == 1
    assert np.allclose(rate.data[0].y, LOSSES) and rate.layout.xaxis.dtick == 1


def test_the_lowest_loss_of_a_search_falls_and_a_trial_without_one_is_left_out() -> None:
    dots, lowest = search_history(np.arange(5), np.array([3.0, 4.0, np.nan, 1.0, 2.0]), title="").data

    assert list(dots.x) == [0, 1, 3, 4] and list(dots.y) == [3, 4, 1, 2]
    assert list(lowest.x) == [0, 1, 3, 4] and list(lowest.y) == [3, 3, 1, 1]


def test_no_name_reaches_plotly_as_html() -> None:
    curves = (RunCurve(HOSTILE, EPOCHS, LOSSES, kept=1), RunCurve("b", EPOCHS, LOSSES))

    for figure in (
        epoch_curves(curves, measure=HOSTILE, title=""),
        gradient_lines((EPOCHS,), (LOSSES,), parts=(HOSTILE,), title=""),
    ):
        assert figure.layout.height and HOSTILE.replace('"', '\\"') not in figure.to_json()
