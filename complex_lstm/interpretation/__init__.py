"""Explanations of a prediction, how far they agree, and what attention, gate and ensemble say in numbers."""

from complex_lstm.interpretation.ablation import ablate_features
from complex_lstm.interpretation.agreement import MEASURES, agreement, furthest_apart
from complex_lstm.interpretation.ensemble import combiner_sensitivity, disagreement
from complex_lstm.interpretation.explanation import Attribution, CompleteAttribution, Explanation, Question, UnsignedAttribution
from complex_lstm.interpretation.forward import Asked
from complex_lstm.interpretation.global_importance import explain_frame
from complex_lstm.interpretation.gradients import Conductance, conductance
from complex_lstm.interpretation.methods import DEFAULTS, METHODS, Method, explain
from complex_lstm.interpretation.requests import BASELINES, Baseline, make_question
from complex_lstm.interpretation.rollout import HeadSummary, attention_rollout, summarise_heads

__all__ = [
    "BASELINES",
    "DEFAULTS",
    "MEASURES",
    "METHODS",
    "Asked",
    "Attribution",
    "Baseline",
    "CompleteAttribution",
    "Conductance",
    "Explanation",
    "HeadSummary",
    "Method",
    "Question",
    "UnsignedAttribution",
    "ablate_features",
    "agreement",
    "attention_rollout",
    "combiner_sensitivity",
    "conductance",
    "disagreement",
    "explain",
    "explain_frame",
    "furthest_apart",
    "make_question",
    "summarise_heads",
]
