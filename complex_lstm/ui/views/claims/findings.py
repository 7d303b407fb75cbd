"""Findings as rows: a claim or a question, the evidence, the verdict, and the page that measures it.

The claims are those of the architecture document. The questions are ours, on strengths and weaknesses of the architecture
beyond the claims. Evidence comes from this page, or from the benchmarks in benchmarks/README.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import streamlit as st

from complex_lstm.profiling import KINDS, STATED_GROWTH, activation_bytes, compare_growth, count_size, stated_power, typical
from complex_lstm.profiling.counting import (
    BYTES,
    STATED_BATCH,
    STATED_BILSTM_PARAMETERS,
    STATED_ELEMENTS,
    STATED_MEMORY,
    STATED_PARAMETERS,
    STATED_STEPS,
)
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.views.claims.flow_view import Flows
from complex_lstm.ui.views.claims.subject import FULL_SIZE
from complex_lstm.ui.views.claims.timing_view import AXES, Times

KEPT = (0.1, 10.0)  # norm of the gradient at the projection over that at the last block: within this range it counts as kept
HOLDS, FAILS, PARTLY, OPEN = "✅ holds", "❌ does not hold", "🔶 in part", "❔ open here"


@dataclass(frozen=True)
class Finding:
    """One claim or question, the evidence and the verdict, all Markdown; and the link to the page that measures it."""

    claim: str
    evidence: str
    verdict: str
    stem: str
    label: str


IN_TRIALS = "measured by benchmarks/strategies.py in short trials of a small model with three seeds, not here"
STRATEGIES_TRIED = (
    Finding(
        "Gradual complexity is recommended",
        "An epoch takes about half the time (0.39 to 0.52 of that of plain training). The score differs from plain training only by "
        "chance on planted_order (+3.7 ± 14.8 points), shoulder_exercises (+0.2 ± 3.0) and the weather (error +1.1 ± 1.2), and is far "
        f"behind on planted_shape (-26.2 ± 6.9): {IN_TRIALS}.",
        "🔶 saves time, not always the score",
        "train",
        "Train: strategies",
    ),
    Finding(
        "Adaptive dropout (0.5, 0.3, 0.1) is recommended",
        "Behind plain training on all four data sets: -43.3 ± 10.8 points on planted_order, -37.5 ± 9.9 on planted_shape, -7.0 ± 5.3 on "
        f"shoulder_exercises, and +20.4 ± 1.1 points of error on the weather: {IN_TRIALS}. A large model that overfits may "
        "behave differently.",
        "❌ harms, in these trials",
        "train",
        "Train: strategies",
    ),
    Finding(
        "Learning rates by component (1e-3, 1e-4, 1e-5) are recommended",
        "No difference from chance in three seeds: -11.1 ± 6.9 points on planted_order, +6.3 ± 3.4 on planted_shape, "
        f"-6.2 ± 2.9 on shoulder_exercises, +0.6 ± 2.1 points of error on the weather: {IN_TRIALS}.",
        "❔ no measurable difference",
        "train",
        "Train: strategies",
    ),
    Finding(
        "All of the document's training advice together",
        "Behind plain training on every data set, beyond chance on two: -5.8 ± 1.0 points on shoulder_exercises, and +16.1 ± 2.3 points "
        f"of error on the weather: {IN_TRIALS}.",
        FAILS,
        "train",
        "Train: strategies",
    ),
)


def claims_found(times: Times | None, flows: Flows | None, gradient_scale: float | None) -> tuple[Finding, ...]:
    """Return the findings on the claims of the architecture document. None means not measured."""
    return (
        *_size_claims(),
        _growth_claim(times),
        _flow_claim(flows),
        _scale_claim(gradient_scale),
        Finding(
            "The kernels (3, 5, 7) and (3, 5, 9) are robust",
            "Not measured on this page. Training with other kernels and several seeds shows whether the score changes by more than "
            "chance: a sweep on the Train page does that on your data.",
            OPEN,
            "train",
            "Train: sensitivity",
        ),
        Finding(
            "Attention stabilises in the middle of training, ensemble heads specialise late",
            "Not measured on this page. A run on the Train page keeps snapshots of its training and shows when the attention of each "
            "layer settled and in which third of the run the ensemble heads diverged.",
            OPEN,
            "train",
            "Train: a run's inside",
        ),
        *STRATEGIES_TRIED,
    )


def _size_claims() -> tuple[Finding, ...]:
    counted = count_size(FULL_SIZE)
    values = activation_bytes(FULL_SIZE, batch=STATED_BATCH, time=STATED_STEPS)
    return (
        Finding(
            f"About {STATED_PARAMETERS / 1e6:.1f} million parameters, of which the BiLSTM {STATED_BILSTM_PARAMETERS / 1e6:.1f} million",
            f"Counted at full size: {counted.parameters:,} in total, of which the BiLSTM blocks {counted.of_kind('BiLSTM blocks'):,}.",
            HOLDS if 0.9 < counted.parameters / STATED_PARAMETERS < 1.1 else FAILS,
            "tour",
            "Guided tour",
        ),
        Finding(
            f"About {STATED_ELEMENTS:,} values in a pass of {STATED_BATCH} windows of {STATED_STEPS} steps, {STATED_MEMORY / 1e6:.0f} MB",
            f"Counted at full size: a trace of as many windows has {values // BYTES:,} values, {values / 1e6:.2f} MB.",
            HOLDS if 0.9 < values / STATED_MEMORY < 1.1 else FAILS,
            "tour",
            "Guided tour",
        ),
    )


def _growth_claim(times: Times | None) -> Finding:
    claim = (
        "Time grows linearly with time steps in convolutions and BiLSTM and quadratically in attention, quadratically with channels in "
        "the BiLSTM and linearly in convolutions and attention, and linearly with the batch in all"
    )
    verdicts = {} if times is None else _growth_verdicts(times)
    if len(verdicts) < len(STATED_GROWTH):
        measured = f"{len(verdicts)} of {len(STATED_GROWTH)} measured so far." if verdicts else "Not measured yet: press the button above."
        return Finding(claim, measured, OPEN, "train", "Train: time by size")
    holding = [name for name, finding in verdicts.items() if finding.startswith("as stated")]
    others = "; ".join(f"{name} ({finding})" for name, finding in verdicts.items() if name not in holding)
    arithmetic = (
        "In the limit of large sizes the arithmetic agrees, except with channels: a convolution takes each channel from every channel, "
        "so its power is 2 and not 1, and the projections of attention take steps x channels x channels, so its power goes from 1 "
        "towards 2."
    )
    verdict = HOLDS if len(holding) == len(verdicts) else PARTLY if holding else FAILS
    evidence = f"Here {len(holding)} of {len(verdicts)} at the large end{f', but not {others}' if others else ''}. {arithmetic}"
    return Finding(claim, evidence, f"{verdict}, at these sizes", "train", "Train: time by size")


def _growth_verdicts(times: Times) -> dict[str, str]:
    """Return the verdict on each claimed order that was measured at three sizes or more, by the name of part and size."""
    found = {}
    for growth in times.growths:
        for place, kind in enumerate(KINDS):
            stated = stated_power(kind, growth.axis)
            if stated is not None and len(growth.sizes) > 2 and growth.seconds[:, place].all():
                found[f"{kind} with {AXES[growth.axis]}"] = compare_growth(growth.measured(place), stated, growth.counted(place))
    return found


def _flow_claim(flows: Flows | None) -> Finding:
    claim = "Residuals and LayerNorm keep gradients flowing"
    if flows is None:
        evidence = "Measured when a model and data are open, with the button under Gradients: before training, with residuals and without."
        return Finding(claim, evidence, OPEN, "train", "Train: gradient flow")
    with_residuals, without = flows.initial.kept
    trained = typical(flows.trained.kept)
    count = len(flows.initial.residual.windows)
    evidence = (
        f"Before training, at this model's sizes, the gradient's norm at the projection is {with_residuals:.3g} times that after the last "
        f"block (median of {count} windows), and {without:.1e} times with the same weights and no residuals. In the trained model it is "
        f"{'not to be told, because it is certain of every window' if math.isnan(trained) else f'{trained:.3g} times'}."
    )
    kept, needed = KEPT[0] <= with_residuals <= KEPT[1], without < KEPT[0]
    verdict = HOLDS if kept and needed else f"{PARTLY}: kept without them too" if kept else FAILS
    return Finding(claim, evidence, verdict, "train", "Train: gradient flow")


def _scale_claim(gradient_scale: float | None) -> Finding:
    here = "" if gradient_scale is None else f" In the open model it is {gradient_scale:.3f}."
    return Finding(
        "gradient_scale keeps gradients flowing",
        f"By the arithmetic: it multiplies the outputs, and so every gradient before it, by the same number.{here} It can make all "
        "gradients larger or smaller; it cannot help an early layer more than a late one, and the last layer of the combiner could "
        "learn the same factor.",
        "❌ only a factor",
        "train",
        "Train: gradient flow",
    )


WIDTHS = (3, 5, 1.6, 1.8)


def list_findings(findings: tuple[Finding, ...]) -> None:
    """Draw one row for each finding."""
    for column, name in zip(st.columns(WIDTHS), ("Claim or question", "Evidence", "Verdict", "Where to look"), strict=True):
        column.caption(name)
    for finding in findings:
        claim, evidence, verdict, link = st.columns(WIDTHS, vertical_alignment="center")
        claim.markdown(f"**{finding.claim}**")
        evidence.markdown(finding.evidence)
        verdict.markdown(finding.verdict)
        link.page_link(page(finding.stem), label=finding.label)


STRENGTH, WEAKNESS = "💪 a strength", "⚠️ a weakness"


KNOWN = (
    Finding(
        "Does it learn order and shape?",
        "The shipped models solve both planted tasks to 0.99 and more, by benchmarks/README.md; the Check page scores them again.",
        STRENGTH,
        "check",
        "Check",
    ),
    Finding(
        "Does it beat a trivial rule on real data?",
        "On the shipped weather its test error is 65.4% of that of repeating the last value: measured by benchmarks/retraining.py, "
        "not here.",
        "💪 a strength, there",
        "check",
        "Check",
    ),
    Finding(
        "Does a trace cost much time?",
        "With one window a pass that keeps every value takes as long as a plain one (1.00 of its speed at 64 channels, 0.99 at 256): "
        "measured by benchmarks/model_speed.py, not here.",
        STRENGTH,
        "tour",
        "Guided tour",
    ),
    Finding(
        "Does the attention map show which cells matter?",
        "On planted_order attention rollout finds the deciding steps (AUROC 0.877, chance 0.500) but hardly the cells "
        "(AUPRC 0.136, chance 0.031; occlusion 0.984): measured by benchmarks/known_answers.py, not here.",
        WEAKNESS,
        "check",
        "Check",
    ),
    Finding(
        "Is an explanation of it faithful?",
        "It differs from window to window: the Faithfulness view compares each method's ranking with random ones.",
        "❔ by window",
        "check",
        "Check",
    ),
    Finding(
        "Does every part contribute?",
        "It differs from model to model: the page Experiment switches each part off and shows the effect on a window and on the score.",
        "❔ by model",
        "experiment",
        "Experiment",
    ),
)


def strengths_and_weaknesses(times: Times | None) -> tuple[Finding, ...]:
    """Return strengths and weaknesses of the architecture, measured here or by the benchmarks."""
    own = times.of_own if times else None
    if own is None:
        measured = "Its share of a forward pass is measured above, with the button there."
    else:
        share = own.kinds[KINDS.index("BiLSTM blocks")] / own.whole
        measured = f"Here {share:.0%} of a pass goes to the BiLSTM blocks, with {own.size.batch} windows of {own.size.time} steps."
    parallel = Finding(
        "Can its time steps be computed in parallel?",
        "By the arithmetic: an LSTM needs the result of each step before the next, and a block has two layers one after the other. "
        f"{measured}",
        WEAKNESS,
        "tour",
        "Guided tour",
    )
    return (*KNOWN, parallel)
