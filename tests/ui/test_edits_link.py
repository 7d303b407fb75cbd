"""The edits of What if as text for a link."""

import pytest

from complex_lstm.interpretation.edits import FILLINGS, Cell, Draw, Edit, Mask, Point, Replace, Scale, Segment, Shift, Smooth, Swap
from complex_lstm.ui.edits.link import MOST, as_linked, as_text, fits_link, read_edits

SEGMENT = Segment(16, 31, (0, 3))
EVERY: dict[str, Edit] = {
    "shift_16_31_0.3_-12": Shift(SEGMENT, -12.0),
    "scale_16_31_0.3_1e-05": Scale(SEGMENT, 1e-05),
    "smooth_16_31_0.3_5": Smooth(SEGMENT, 5),
    "mask_16_31_0.3_mean": Mask(SEGMENT, "training_mean"),
    "mask_16_31_0.3_window": Mask(SEGMENT, "window_mean"),
    "mask_16_31_0.3_zero": Mask(SEGMENT, "zero"),
    "mask_16_31_0.3_line": Mask(SEGMENT, "interpolated"),
    "draw_3_10_2_3_20.5_10_-25": Draw(Segment(3, 10, (2,)), (Point(3, 20.5), Point(10, -25.0))),
    "swap_16_31_0.3_7": Swap(SEGMENT, 7),
    "cells_guide12_0x4_1.5_2_0x9_3_2x4_0.25": Replace(
        Segment(4, 9, (0, 2)),
        (Cell(4, 0, 1.5), Cell(5, 0, 2.0), Cell(9, 0, 3.0), Cell(4, 2, 0.25)),
        "Native Guide, from window 12",
    ),
    "cells_columns7_1x0_-1": Replace(Segment(0, 0, (1,)), (Cell(0, 1, -1.0),), "CoMTE, from window 7"),
    "cells_learned3_1x0_-1": Replace(Segment(0, 0, (1,)), (Cell(0, 1, -1.0),), "Learned cells, from window 3"),
    "cells_gradient_1x0_-1": Replace(Segment(0, 0, (1,)), (Cell(0, 1, -1.0),), "Gradient search, by gradient"),
}


@pytest.mark.parametrize("text", EVERY)
def test_every_edit_has_a_text_that_says_it(text: str) -> None:
    assert as_text((EVERY[text],)) == text
    assert read_edits(text).values == (EVERY[text],) and not read_edits(text).rejected


def test_every_kind_and_every_filling_is_tried_here() -> None:
    assert {type(edit) for edit in EVERY.values()} == {Shift, Scale, Smooth, Mask, Draw, Swap, Replace}
    assert {edit.filling for edit in EVERY.values() if isinstance(edit, Mask)} == set(FILLINGS)


def test_all_together_come_back_from_a_link_in_their_order() -> None:
    edits = tuple(EVERY.values())

    assert read_edits(as_text(edits)).values == edits
    assert read_edits(as_text(edits[::-1])).values == edits[::-1]  # a smoothed shift is not a shifted smoothing


@pytest.mark.parametrize("nonsense", [
    "zzz", "shift", "shift_1_2_0", "shift_1_2_0_x", "shift_1_2__5", "shift_-1_2_0_5", "shift_1_2_0_5_6", "smooth_1_2_0_2.5",
    "mask_1_2_0_gap", "draw_1_2_0", "draw_1_2_0_1", "draw_1_2_0_1_x", "swap_1_2_0_²", "swap_1_2_0_9999999999", "cells", "cells_guide12",
    "cells_guide12_5", "cells_guide12_0x1", "cells_guide_0x1_5", "cells_link_0x_5", "_", "__init___1_2_3", "replace_1_2_0_5",
])  # fmt: skip
def test_a_piece_that_makes_no_sense_is_told_and_the_others_stay(nonsense: str) -> None:
    read = read_edits(f"swap_1_2_0_7,{nonsense},scale_1_2_0_2")

    assert read.values == (Swap(Segment(1, 2, (0,)), 7), Scale(Segment(1, 2, (0,)), 2.0)) and read.rejected == (nonsense,)


def test_words_of_a_link_do_not_reach_the_page_as_an_origin() -> None:
    (edit,) = read_edits("cells_send me your password_0x1_5").values

    assert isinstance(edit, Replace) and edit.origin == "a link"


def test_a_cell_is_kept_as_the_link_says_it() -> None:
    """Sixteen digits once stayed on the sender's screen, and nine came to the receiver's."""
    edit = Replace(Segment(0, 0, (0,)), (Cell(0, 0, 1 / 3),), "Gradient search, by gradient")

    kept = as_linked(edit)

    assert kept == Replace(edit.segment, (Cell(0, 0, 0.333333333),), edit.origin) == as_linked(kept)


def test_edits_that_are_too_long_for_a_link_are_told_from_those_that_fit() -> None:
    one = Swap(Segment(1, 2, (0,)), 7)
    whole = Replace(Segment(0, 1999, (0,)), tuple(Cell(step, 0, 1 / 3) for step in range(2000)), "Gradient search, by gradient")

    assert fits_link((one,) * MOST) and not fits_link((one,) * (MOST + 1))
    assert not fits_link((whole,)) and as_linked(whole) == whole
    assert len(read_edits(as_text((one,) * (MOST + 2))).rejected) == 2
