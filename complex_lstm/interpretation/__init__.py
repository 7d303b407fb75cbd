"""Explanations of a prediction, how far they agree, and what attention, gate and ensemble say in numbers."""

from complex_lstm.interpretation.ablation import ablate_features
from complex_lstm.interpretation.agreement import cell_agreement, feature_agreement
from complex_lstm.interpretation.ensemble import combiner_sensitivity, disagreement
from complex_lstm.interpretation.explanation import CompleteExplanation, Explanation, Question
from complex_lstm.interpretation.methods import BASELINES, METHODS, Baseline, Method, explain, explain_frame, make_question
from complex_lstm.interpretation.rollout import HeadSummary, attention_rollout, summarise_heads

__all__ = [
    "BASELINES",
    "METHODS",
    "Baseline",
    "CompleteExplanation",
    "Explanation",
    "HeadSummary",
    "Method",
    "Question",
    "ablate_features",
    "attention_rollout",
    "cell_agreement",
    "combiner_sensitivity",
    "disagreement",
    "explain",
    "explain_frame",
    "feature_agreement",
    "make_question",
    "summarise_heads",
]
