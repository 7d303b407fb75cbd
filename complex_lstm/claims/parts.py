"""The statements on the parts of the model, from the input to the output."""

from __future__ import annotations

from functools import partial
from typing import Any

from scipy import stats

from complex_lstm.claims import facts
from complex_lstm.claims.claim import Claim, Finding, Judge, Place
from complex_lstm.claims.judging import EXACT, better, count, fact, helps, in_every_run, rounding
from complex_lstm.claims.stored import BASE, Stored

LOOKED = "Looked up in the model."
COMPUTED = "Computed on a small untrained model with windows of random numbers."
WITHOUT = (
    "Trained anew without it: hidden 32, two BiLSTM blocks, three data sets, the same recipe. It holds where the architecture as it is is "
    "ahead beyond chance, and does not where it cannot be ahead by five points."
)
INSIDE = "On 120 test windows of each small training run of the architecture as it is (hidden 32, two BiLSTM blocks, three data sets)."
PROBED = "A linear reading of the answer from the mean over time after each part of small trained models, scored on test windows."
SWITCH = Place("experiment", "Experiment: switch parts off")
GATE = Place("explain", "Explain: gate")
HEADS = Place("explain", "Explain: ensemble heads")
MAPS = Place("explain", "Explain: attention heads")
INSIDES = Place("train", "Train: a run's inside")
FLOW = Place("about", "Gradients, on this page")


def part_claims() -> tuple[Claim, ...]:
    """Return the claims on the parts, in the order of the document."""
    return (*_projection(), *_positions(), *_convolutions(), *_blocks(), *_attention(), *_pools(), *_heads(), *_combiner(), *_scale())


def deeper(first: str, second: str) -> Judge:
    """Return the judge of whether a part's output tells the answer better than an earlier one's."""

    def judge(stored: Stored) -> Finding:
        gains = [one[second] - one[first] for one in stored.rows("depths")]
        better_in = sum(gain > 0 for gain in gains)
        words = (
            f"a linear reading gains {100 * min(gains):+.0f} to {100 * max(gains):+.0f} points; true of {better_in} of {len(gains)} runs"
        )
        return Finding(words, "holds" if better_in == len(gains) else "does not hold" if better_in == 0 else "cannot be told")

    return judge


def gradients(residual: bool) -> Judge:
    """Return the judge of whether the gradient before training is kept with residuals, or lost without them."""

    def judge(stored: Stored) -> Finding:
        kept, bare = stored.values("gradients", "residual"), stored.values("gradients", "bare")
        words = f"kept before training: {min(kept):.2g} to {max(kept):.2g} with residuals, {min(bare):.1g} to {max(bare):.1g} without"
        true = [0.1 <= one <= 10 and (not residual or other < 0.1) for one, other in zip(kept, bare, strict=True)]
        return Finding(words, "holds" if all(true) else "cannot be told" if any(true) else "does not hold")

    return judge


def _projection() -> list[Claim]:
    at = partial(Claim, "1. Input Processing Pipeline")
    model: Any = facts.small_model()[0]
    half = facts.SMALL.dropout / 2
    placed = float(model.input_proj[3].p)
    deviation = facts.stream_deviation()
    return [
        at("a linear layer takes 9 features to 256 channels", "count", LOOKED,
           count(256, facts.shapes()["projected"][-1], "channels", within=0)),
        at("layer normalization gives every step the same spread over the channels", "behaviour", COMPUTED,
           fact(deviation < 1e-3, f"the deviation is 1 up to {deviation:.0e}")),
        at("ReLU makes the result sparse", "behaviour", f"{INSIDE} The share of zeros; a quarter or more counts as sparse.",
           in_every_run("inside", "silent_share", lambda share: share >= 0.25, "{:.0%} to {:.0%} of the values are zero"), where=GATE),
        at("it drops half as much as the rest of the model", "count", LOOKED, fact(placed == half, f"{placed} of {facts.SMALL.dropout}")),
        at("light dropout here prevents early overfitting", "comparison", "Not tried: its share was not varied apart from the others.",
           None),
        at("more channels than features make a richer representation", "comparison", "Not tried: no measure of richness was chosen.", None),
        at("layer normalization suits sequences better than batch normalization", "comparison", "Not tried here.", None),
    ]  # fmt: skip


def _positions() -> list[Claim]:
    at = partial(Claim, "2. Positional Encoding")
    return [
        at("the output is the input plus the encoding", "behaviour", COMPUTED,
           rounding(facts.encoding_is_added, "what is added is the same for all windows")),
        at("each step then knows when it is", "behaviour", f"{INSIDE} A linear reading of the step's number; R² of 0.5 or more counts.",
           in_every_run("inside", "position_from_stream", lambda r2: r2 >= 0.5, "R² {:.2f} to {:.2f}")),
        at("each step still holds what happened", "behaviour", f"{COMPUTED} The same encoding for all windows can be taken off again.",
           rounding(facts.encoding_is_added, "what is added is the same for all windows")),
        at("knowing positions helps", "comparison", WITHOUT, helps("no positions"), where=SWITCH),
    ]  # fmt: skip


def _convolutions() -> list[Claim]:
    at = partial(Claim, "3. Multi-Scale Temporal Convolution")
    kernels = facts.FULL.kernels
    low, high = facts.gate_range()
    return [
        at("stage 1 looks at 3, 5 and 7 steps", "count", LOOKED, fact(kernels[0] == (3, 5, 7), f"kernels {kernels[0]}")),
        at("stage 2 looks at 3, 5 and 9 steps", "count", LOOKED, fact(kernels[1] == (3, 5, 9), f"kernels {kernels[1]}")),
        at("stage 2 sees longer patterns", "behaviour", f"{COMPUTED} One step is changed; stage 1 alone reaches 3 steps to a side.",
           fact(facts.reach_of_convolutions() > 3, f"it reaches {facts.reach_of_convolutions()} steps to a side")),
        at("stage 2 refines what stage 1 finds", "behaviour", PROBED, deeper("temp_conv1", "temp_conv2"), where=SWITCH),
        at("the convolutions help", "comparison", WITHOUT, helps("no convolutions"), where=SWITCH),
        at("the gate reads both outputs, 512 values", "count", LOOKED,
           count(512, 2 * facts.shapes()["conv1"][-1], "values at full size", within=0), where=GATE),
        at("the gate lies between 0 and 1", "behaviour", f"{COMPUTED} Inputs were taken 100 times.",
           fact(low >= 0 and high <= 1, f"{low:.3f} to {high:.3f}"), where=GATE),
        at("the gate is set for each channel", "behaviour", LOOKED,
           count(256, facts.shapes()["gate"][-1], "values at each step", within=0), where=GATE),
        at("the output is gate times stage 1 plus the rest times stage 2", "behaviour", COMPUTED,
           rounding(facts.gate_blends, "against the formula"), where=GATE),
        at("a gate of 1 takes stage 1", "behaviour", COMPUTED, rounding(lambda: facts.forced_gate(1.0), "gate held at 1"), where=GATE),
        at("a gate of 0 takes stage 2", "behaviour", COMPUTED, rounding(lambda: facts.forced_gate(0.0), "gate held at 0"), where=GATE),
        at("a gate of 0.5 takes both alike", "behaviour", COMPUTED, rounding(lambda: facts.forced_gate(0.5), "gate held at 0.5"),
           where=GATE),
        at("the gate combines with intelligence", "comparison", f"{WITHOUT} Here the gate was fixed at 0.5.", helps("gate fixed at 0.5"),
           where=GATE),
    ]  # fmt: skip


def _blocks() -> list[Claim]:
    at = partial(Claim, "4. Progressive LSTM Processing")
    model: Any = facts.small_model()[0]
    lstm = model.lstm_blocks[0].lstm
    back = facts.first_block_reads_back()
    return [
        at("there are four blocks", "count", LOOKED, count(4, len(model.lstm_blocks), "blocks", within=0)),
        at("each has two layers", "count", LOOKED, count(2, lstm.num_layers, "layers", within=0)),
        at("each reads in both directions", "behaviour", f"{COMPUTED} The last step is changed.",
           fact(back > EXACT, f"the first step's values move by {back:.1g}")),
        at("attention follows the second and the fourth block", "count", LOOKED,
           fact([name for name in facts.shapes() if name[:8] in ("attended",)] == ["attended[0]", "attended[1]"], "after blocks 2 and 4")),
        at("blocks build on each other", "behaviour", PROBED, deeper("lstm_blocks.0", "lstm_blocks.1"), where=INSIDES),
        at("BiLSTM blocks learn what depends on order", "comparison", WITHOUT, helps("no BiLSTM"), where=SWITCH),
        at("more blocks learn more", "comparison", "Four blocks against two, trained anew.", better("4 BiLSTM blocks"),
           where=Place("train", "Train: sensitivity")),
        at("alternating with attention balances near and far", "comparison", "Not tried: no other order of the parts was trained.", None),
        at("residuals keep what was there", "behaviour", WITHOUT, helps("no residuals"), where=SWITCH),
    ]  # fmt: skip


def _attention() -> list[Claim]:
    at = partial(Claim, "5. Multi-Head Attention Integration")
    model: Any = facts.small_model()[0]
    return [
        at("there are two attention layers", "count", LOOKED, count(2, len(model.attention_layers), "layers", within=0), where=MAPS),
        at("what attention gives is added to what it got", "behaviour", COMPUTED, rounding(facts.attention_is_added, "against the sum"),
           where=MAPS),
        at("attention refines and does not replace", "behaviour", f"{INSIDE} The norm of what it adds over that of what was there.",
           in_every_run("inside", "attention_over_stream", lambda ratio: ratio < 1, "it adds {:.2f} to {:.2f} times what was there"),
           where=MAPS),
        at("attention relates steps far apart", "behaviour",
           f"{INSIDE} The share of attention beyond the 7 steps that convolutions reach, against that of even attention.",
           _far, where=MAPS),
        at("attention helps", "comparison", WITHOUT, helps("no attention"), where=SWITCH),
        at("the first layer looks at patterns of medium, the second of high abstraction", "behaviour",
           "Not measured: no measure of abstraction was chosen.", None, where=MAPS),
        at("residuals let gradients through the depth", "behaviour",
           "The gradient's norm at the projection over that after the last block: untrained models, four blocks of 64 channels, 16 "
           "windows each of "
           "three data sets, three seeds. Between 0.1 and 10 is kept; it must be lost without residuals.", gradients(True), where=FLOW),
    ]  # fmt: skip


def _far(stored: Stored) -> Finding:
    rows = stored.rows("inside")
    shares = [one["attention_far_share"] / one["attention_far_even"] for one in rows]
    true = sum(share >= 0.5 for share in shares)
    words = f"{min(shares):.2f} to {max(shares):.2f} times the share of even attention; half of it or more in {true} of {len(shares)} runs"
    return Finding(words, "holds" if true == len(shares) else "cannot be told" if true else "does not hold")


def _pools() -> list[Claim]:
    at = partial(Claim, "6. Multi-Scale Feature Extraction")
    mean, largest, last = facts.pools()
    return [
        at("one pool is the mean over time", "behaviour", COMPUTED, rounding(lambda: mean, "against the mean")),
        at("one pool is the largest value over time", "behaviour", COMPUTED, rounding(lambda: largest, "against the largest")),
        at("one pool is the last step", "behaviour", COMPUTED, rounding(lambda: last, "against the last step")),
        at("the three complement each other", "behaviour",
           f"{INSIDE} The mean correlation over windows of two pools of a channel; below 0.9 counts.",
           in_every_run("inside", "pools_alike", lambda alike: alike < 0.9, "correlation {:.2f} to {:.2f}")),
        at("mean and largest add to the last step", "comparison", WITHOUT, helps("last step only"), where=SWITCH),
        at("the mean tells of sentiment, the peak of intensity, the end of the market", "use case",
           "Not measured: no data of documents, conversations or markets is here.", None),
    ]  # fmt: skip


def _heads() -> list[Claim]:
    at = partial(Claim, "7. Ensemble Output Architecture")
    model: Any = facts.small_model()[0]
    first = model.output_heads[0]
    widths = [layer.out_features for layer in first if hasattr(layer, "out_features")]
    return [
        at("there are three ensemble heads", "count", LOOKED, count(3, len(model.output_heads), "heads", within=0), where=HEADS),
        at("they are alike and start from weights of their own", "behaviour", COMPUTED,
           fact(facts.heads_start_apart(), "the same layers, other weights" if facts.heads_start_apart() else "they share weights"),
           where=HEADS),
        at("each takes 768 values to 256, 128 and 3", "count", f"{LOOKED} Of 32 channels it is {first[0].in_features} to {widths}.",
           fact([first[0].in_features, *widths] == [96, 32, 16, 3], "3, 1 and 1/2 times the channels, then the outputs"), where=HEADS),
        at("they learn different patterns", "behaviour",
           f"{INSIDE} The distance of their scaled outputs; 1.41 is that of unrelated ones, and a third of it or more counts as different.",
           lambda stored: _apart(stored), where=HEADS),
        at("three heads overfit less than one", "comparison",
           "Trained anew with one head: how far the training score is above the test score.",
           lambda stored: _overfit(stored), where=Place("train", "Train: sensitivity")),
        at("three heads stand noise better than one", "comparison",
           "Trained anew with one head; test inputs with noise of half a deviation.", better(BASE, "one ensemble head", value="noise"),
           where=HEADS),
        at("three heads stand missing cells better than one", "comparison",
           "Trained anew with one head; a fifth of the test cells set to the training mean.",
           better(BASE, "one ensemble head", value="missing"), where=HEADS),
        at("three heads predict more stably than one", "comparison",
           "The deviation of the test score between seeds, averaged over data sets.",
           lambda stored: steadier(stored, BASE, "one ensemble head"), where=HEADS),
    ]  # fmt: skip


def _apart(stored: Stored) -> Finding:
    ends = [one["head_distance"][-1] for one in stored.rows("courses")]
    true = sum(end >= 0.47 for end in ends)
    words = f"distance {min(ends):.2f} to {max(ends):.2f} at the end; true of {true} of {len(ends)} runs"
    return Finding(words, "holds" if true == len(ends) else "cannot be told" if true else "does not hold")


def gap(run: dict[str, float]) -> float:
    """Return how far a run's training score is above its test score."""
    return run["training_score"] - run["score"]


def _overfit(stored: Stored) -> Finding:
    rows = [one | {"gap": gap(one)} for one in stored.rows("runs")]
    return better(BASE, "one ensemble head", value="gap", lower=True)(Stored(stored.content | {"runs": rows}))


def steadier(stored: Stored, variant: str, other: str) -> Finding:
    """Return whether a variant's scores spread less over seeds: by an F test at 5%, over the data sets together."""
    found = []
    for name in (variant, other):
        squares, free = 0.0, 0
        for data in stored.data():
            scores = [one["score"] for one in stored.runs(name, data)]
            mean = sum(scores) / max(len(scores), 1)
            squares, free = squares + sum((score - mean) ** 2 for score in scores), free + max(len(scores) - 1, 0)
        found.append((squares / free if free else 0.0, free))
    (ours, free), (theirs, others) = found
    if not free or not others or not ours or not theirs:
        return Finding("too few runs with several seeds", "not measured")
    chance = float(stats.f.cdf(ours / theirs, free, others))
    words = f"deviation {100 * ours**0.5:.1f} points against {100 * theirs**0.5:.1f} ({free} and {others} degrees of freedom)"
    return Finding(words, "holds" if chance < 0.05 else "does not hold" if chance > 0.95 else "cannot be told")


def _combiner() -> list[Claim]:
    at = partial(Claim, "8. Ensemble Combination")
    model: Any = facts.small_model()[0]
    layers = [layer for layer in model.ensemble_combiner if hasattr(layer, "in_features")]
    return [
        at("it takes 9 values through 256 to 3", "count", f"{LOOKED} At 32 channels the middle has 32.",
           fact([layers[0].in_features, layers[-1].out_features] == [9, 3], "9 values, the channels, 3 outputs"), where=HEADS),
        at("it can weigh heads differently and not linearly", "behaviour", LOOKED,
           fact(len(layers) == 2, f"{len(layers)} layers with ReLU between them"), where=HEADS),
        at("which head it relies on depends on the input", "behaviour",
           f"{INSIDE} How far its sensitivity to a head varies over windows; a tenth or more counts.",
           in_every_run("inside", "combiner_varies", lambda varies: varies >= 0.1, "it varies by {:.0%} to {:.0%}"), where=HEADS),
        at("a learned combination is better than the mean", "comparison", WITHOUT, helps("mean of the heads"), where=HEADS),
    ]  # fmt: skip


def _scale() -> list[Claim]:
    at = partial(Claim, "9. Training Stability Mechanisms")
    return [
        at("the outputs are multiplied by one number", "behaviour", COMPUTED, rounding(facts.scale_multiplies, "against the product"),
           where=FLOW),
        at("the number is learned", "behaviour", f"{INSIDE} By how much it has moved from 1; a hundredth or more counts.",
           in_every_run("inside", "scale", lambda scale: abs(scale - 1) >= 0.01, "it ends at {:.3f} to {:.3f}"), where=FLOW),
        at("it keeps gradients from exploding or vanishing", "comparison",
           "Trained anew with the number fixed at 1: the largest gradient's norm.",
           better(BASE, "scale fixed at 1", value="largest_gradient", lower=True), where=FLOW),
        at("it stabilises training", "comparison", WITHOUT, helps("scale fixed at 1"), where=FLOW),
    ]  # fmt: skip
