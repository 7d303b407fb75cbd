"""Explanations of a prediction, checks of these explanations, and attention and ensemble heads in numbers."""

from complex_lstm.interpretation.ablation import ablate_features
from complex_lstm.interpretation.agreement import MEASURES, agreement, furthest_apart
from complex_lstm.interpretation.attention import HeadSummary, attention_rollout, summarise_heads
from complex_lstm.interpretation.components import combiner_sensitivity, disagreement
from complex_lstm.interpretation.explanation import Attribution, CompleteAttribution, Explanation, ExplanationRequest, UnsignedAttribution
from complex_lstm.interpretation.explanation_table import explain_frame
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.gradients import Conductance, conductance
from complex_lstm.interpretation.judging import judge
from complex_lstm.interpretation.methods import DEFAULTS, METHODS, Method, explain
from complex_lstm.interpretation.requests import BASELINES, Baseline, label_baseline, make_request
from complex_lstm.interpretation.verdict import Verdict
from complex_lstm.interpretation.window_requests import request_for

__all__ = [
    "BASELINES",
    "DEFAULTS",
    "MEASURES",
    "METHODS",
    "Attribution",
    "Baseline",
    "CompleteAttribution",
    "Conductance",
    "Explanation",
    "ExplanationRequest",
    "ForwardFunction",
    "HeadSummary",
    "Method",
    "UnsignedAttribution",
    "Verdict",
    "ablate_features",
    "agreement",
    "attention_rollout",
    "combiner_sensitivity",
    "conductance",
    "disagreement",
    "explain",
    "explain_frame",
    "furthest_apart",
    "judge",
    "label_baseline",
    "make_request",
    "request_for",
    "summarise_heads",
]
