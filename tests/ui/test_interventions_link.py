"""The switches of the bench as text for a link, and their labels."""

import pytest

from complex_lstm.config import ModelConfig
from complex_lstm.model.interventions import (
    DropPositions,
    ForceGate,
    ForceGateChannels,
    SilenceAttention,
    SilenceEnsembleHead,
    SilenceHead,
    SilencePooled,
    SilenceScale,
    SkipBlock,
    UniformAttention,
    UniformHead,
)
from complex_lstm.model.sites import forward_order
from complex_lstm.ui.interventions.labels import site_label, switch_label
from complex_lstm.ui.interventions.link import (
    CLASSES,
    EnsembleHeadAtAverage,
    PatchedFrom,
    PooledAtAverage,
    StepsPatchedFrom,
    Switch,
    as_text,
    read_switches,
)

EVERY = {
    "positions": (DropPositions(), "no positions"),
    "scale-2-1": (SilenceScale(2, 1), "stage 2, kernel 5 silent"),
    "gate-0.25": (ForceGate(0.25), "gate at 0.25"),
    "channels-1-0-31": (ForceGateChannels(1.0, (0, 31)), "gate at 1 in channels 0, 31"),
    "block-3": (SkipBlock(3), "BiLSTM block 4 skipped"),
    "layer-1": (SilenceAttention(1), "attention layer 2 silent"),
    "uniform-0": (UniformAttention(0), "attention layer 1 uniform"),
    "level-0-7": (UniformHead(0, 7), "attention layer 1, head 8 uniform"),
    "head-0-2": (SilenceHead(0, 2), "attention layer 1, head 3 silent"),
    "pooled-max": (SilencePooled("max"), "pooled maximum zero"),
    "poolaverage-last": (PooledAtAverage("last"), "pooled last step at its average"),
    "member-0": (SilenceEnsembleHead(0), "ensemble head 1 zero"),
    "average-2": (EnsembleHeadAtAverage(2), "ensemble head 3 at its average"),
    "patch-conv1_scales-2-41": (PatchedFrom("conv1_scales", 2, 41), "stage 1, kernel 7 of window 41"),
    "steps-lstm-1-41-3-9": (StepsPatchedFrom("lstm", 1, 41, 3, 9), "BiLSTM block 2 of window 41, steps 3 to 9"),
}


@pytest.mark.parametrize("text", EVERY)
def test_every_switch_has_a_text_and_a_label(text: str) -> None:
    switch, words = EVERY[text]

    assert as_text((switch,)) == text
    assert read_switches(text).values == (switch,) and not read_switches(text).rejected
    assert switch_label(switch, ModelConfig()) == words


def test_every_kind_is_tried_here() -> None:
    assert {type(switch) for switch, _ in EVERY.values()} == set(CLASSES.values())


def test_all_together_come_back_from_a_link_in_the_order_in_which_they_act() -> None:
    switches: tuple[Switch, ...] = tuple(switch for switch, _ in EVERY.values())

    text = as_text(switches[::-1])

    assert read_switches(text).values == switches and as_text(read_switches(text).values) == text


@pytest.mark.parametrize("nonsense", [
    "zzz", "head-0", "head-0-x", "head-0-1-2", "head--1-2", "channels-1", "gate-", "gate-x", "scale-²-1", "positions-1", "patch-lstm-2",
    "head-0-9999999999", "-", "--", "head", "steps-lstm-1-41-3", "pooled-zzz",
    "poolaverage-",
])  # fmt: skip
def test_a_piece_that_makes_no_sense_is_rejected_and_the_others_stay(nonsense: str) -> None:
    read = read_switches(f"block-1,{nonsense},gate-0.5")

    assert read.values == (ForceGate(0.5), SkipBlock(1)) and read.rejected == (nonsense,)


def test_the_same_twice_is_once_and_nothing_is_nothing() -> None:
    assert read_switches("block-1,block-1").values == (SkipBlock(1),)
    assert read_switches("") == read_switches(",,") and not read_switches("").values and as_text(()) == ""


def test_every_site_has_a_label_of_its_own() -> None:
    words = [site_label(site, ModelConfig()) for site in forward_order(4)]

    assert len(set(words)) == len(words) and "BiLSTM block 4" in words and "stage 2, kernel 9" in words
