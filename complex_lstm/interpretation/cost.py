"""What explanations cost before they are computed, in forward passes of one window: for the order in which they run, and the time left."""

from __future__ import annotations

from complex_lstm.interpretation.ablation import USUAL_STRETCH, stretches
from complex_lstm.interpretation.both_ends import SHARES as ENDS
from complex_lstm.interpretation.coarse import FINE, SEGMENTS, is_large
from complex_lstm.interpretation.consensus import STRETCHES
from complex_lstm.interpretation.evidence import SHIFTED, STRETCH
from complex_lstm.interpretation.explanation import ExplanationRequest
from complex_lstm.interpretation.faithfulness import RANKINGS, SHARES
from complex_lstm.interpretation.forward import GRADIENT
from complex_lstm.interpretation.gradients import LEAST_RELEVANT, RESCALED, RESCALED_FINELY, SAMPLES_OF_LARGE, SHAP_SAMPLES, TUNNEL_SAMPLES
from complex_lstm.interpretation.learned_mask import STEPS as OF_DESCENT
from complex_lstm.interpretation.robustness import REMOVALS
from complex_lstm.interpretation.segments import ORDERS as OF_SEGMENTS
from complex_lstm.interpretation.segments import count_segments
from complex_lstm.interpretation.shapley import FEWER_ORDERS, FEWEST, MOST_EXACT, MOST_STEPS, ORDERS
from complex_lstm.interpretation.shapley import SEGMENTS as OF_OWEN

CURVES = 2 * len(SHARES)  # passes of one ranking's faithfulness
USUAL_STEPS, STEPS_OF_LARGE = 96, 128  # gradients of Integrated Gradients: 32 and 64 steps suffice mostly; 32 and 96
OF_VERDICT = 2 * len(ENDS) + 2 * (1 + SHIFTED) + 16  # passes of one map's evidence, with some groups of cells
GRADIENTS = {"smoothgrad": TUNNEL_SAMPLES, "learned_mask": 2 * OF_DESCENT}  # of methods that take as many for every window
MAPS = 6  # of the consensus


def expected_passes(method: str, request: ExplanationRequest) -> int:
    """Return about how many forward passes a method's explanation takes; one with gradients counts as several.

    Of the consensus without those of its members. What a method decides on its way (the steps of Integrated Gradients, the segments
    that are refined) is taken as it mostly is, so that the sum may be wrong by half.
    """
    time, features = request.x.shape
    removed = 1 if request.interpolated else len(request.baselines)
    large = is_large(time, features)
    match method:
        case "ablation":
            cells = SEGMENTS * features + FINE * -(-time // SEGMENTS) if large else time * features
            return removed * (cells + features)
        case "occlusion":
            return removed * len(stretches(time, features, USUAL_STRETCH)) * features
        case "shapley":
            orders = FEWER_ORDERS if large else ORDERS
            coalitions = 2**features if features <= MOST_EXACT else max(FEWEST, MOST_STEPS // time // 2)
            return removed * (coalitions + orders * (min(OF_OWEN, time) * features + 1))
        case "integrated_gradients":
            return GRADIENT * len(request.baselines) * (STEPS_OF_LARGE if large else USUAL_STEPS)
        case "gradient_shap":
            return GRADIENT * (SAMPLES_OF_LARGE if large else SHAP_SAMPLES)
        case "temporal_saliency_rescaling":
            steps = RESCALED if large else time
            finely = RESCALED_FINELY * -(-time // RESCALED) if large else 0
            return round(GRADIENT * (1 + steps + (1 - LEAST_RELEVANT) * steps * features + finely))
        case "segment_shapley":
            return removed * OF_SEGMENTS * (count_segments(request.x) + 1)
        case "consensus":
            others = [len(stretches(time, features, stretch)) for stretch in STRETCHES if stretch != USUAL_STRETCH]
            return removed * (sum(others) * features + MAPS * CURVES)
    return GRADIENT * GRADIENTS.get(method, 1)


def curve_passes(request: ExplanationRequest) -> int:
    """Return how many forward passes the faithfulness of one explanation and its verdict take."""
    return (CURVES + OF_VERDICT) * (1 if request.interpolated else len(request.baselines))


def chance_passes(request: ExplanationRequest) -> int:
    """Return how many forward passes the random rankings, the removals and what is known of the window take."""
    time, features = request.x.shape
    removed = 1 if request.interpolated else len(request.baselines)
    each = 2 * len(stretches(time, features, STRETCH)) * features
    return removed * (RANKINGS * CURVES + each + 6 * len(ENDS)) + REMOVALS + len(request.draws)
