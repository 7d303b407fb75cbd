"""What is known for and against the architecture beyond the document's claims: from this page, and from the benchmarks."""

from __future__ import annotations

from complex_lstm.interpretation.claims import KINDS
from complex_lstm.ui.claims.findings import Finding
from complex_lstm.ui.claims.timing_view import Times

STRENGTH, WEAKNESS = "💪 a strength", "⚠️ a weakness"


KNOWN = (
    Finding(
        "Does it learn order and shape?",
        "The shipped models solve both planted tasks to 0.99 and more, as benchmarks/README.md has it; Predict scores them anew.",
        STRENGTH,
        "predict",
        "Predict",
    ),
    Finding(
        "Does it beat a trivial rule on real data?",
        "On the shipped weather its test error is 65.4% of that of repeating the last value: measured by benchmarks/retraining.py, "
        "not here.",
        "💪 a strength, there",
        "predict",
        "Predict",
    ),
    Finding(
        "Does looking inside cost much?",
        "With one window a pass that keeps every value takes as long as a plain one (1.00 of its speed at 64 channels, 0.99 at 256): "
        "measured by benchmarks/model_speed.py, not here.",
        STRENGTH,
        "tour",
        "Guided tour",
    ),
    Finding(
        "Does the attention map say which cells matter?",
        "On planted_order attention rollout finds the deciding steps (AUROC 0.877, chance 0.500) and hardly the cells "
        "(AUPRC 0.136, chance 0.031; occlusion 0.984): measured by benchmarks/known_answers.py, not here.",
        WEAKNESS,
        "importance",
        "Feature importance",
    ),
    Finding(
        "Is an explanation of it faithful?",
        "It differs from window to window: the Faithfulness view holds each method's ranking against random ones.",
        "❔ by window",
        "importance",
        "Feature importance",
    ),
    Finding(
        "Does every part carry its weight?",
        "It differs from model to model: the Bench switches each part off and shows what that does to a window and to the score.",
        "❔ by model",
        "bench",
        "Bench",
    ),
)


def strengths_and_weaknesses(times: Times | None) -> tuple[Finding, ...]:
    """Return what is known for and against the architecture, from here and from the benchmarks."""
    return (*KNOWN, _sequence_weakness(times))


def _sequence_weakness(times: Times | None) -> Finding:
    own = times.of_own if times else None
    if own is None:
        measured = "Its share of a pass is measured above, when asked for."
    else:
        share = own.kinds[KINDS.index("BiLSTM blocks")] / own.whole
        measured = f"Here {share:.0%} of a pass goes to the BiLSTM blocks, with {own.size.batch} windows of {own.size.time} steps."
    return Finding(
        "Can its steps be computed at once?",
        "What the arithmetic says: an LSTM needs each step before the next, and a block reads the series with two layers one after the "
        f"other. {measured}",
        WEAKNESS,
        "tour",
        "Guided tour",
    )
