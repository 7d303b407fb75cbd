"""Pages 14 to 17: pooling, the ensemble heads, the prediction, and what it means in probabilities or units."""

from __future__ import annotations

import numpy as np

from complex_lstm.languages import _, mark
from complex_lstm.model.interventions import SilenceEnsembleHead, SilencePooled
from complex_lstm.model.sites import ATTENTION_LAYER_AFTER, site_before_block
from complex_lstm.ui.session.scene import predicted_values
from complex_lstm.ui.views.tour.arithmetic import probability_formula
from complex_lstm.ui.views.tour.chapter import (
    Chapter,
    Compared,
    MultipleChoice,
    NumericAnswer,
    Question,
    Region,
    StartCell,
    excerpt,
    largest,
    one_cell,
)
from complex_lstm.ui.views.tour.sheets import POOLS, TERMS_LABEL
from complex_lstm.ui.views.tour.window import TourWindow

FORWARD = "complex_lstm.model.network:ComplexLSTMModel.forward"
ENSEMBLE = "complex_lstm.model.ensemble"


def _last_over_time(window: TourWindow) -> tuple[str, int]:
    """Return the last box that has a time axis, and its sheet with the values that are pooled."""
    blocks = len(window.trace.lstm)
    layer = ATTENTION_LAYER_AFTER.get(blocks - 1)
    return (f"BiLSTM {blocks}", 0) if layer is None else (f"Attention {layer + 1}", window.model.config.num_heads)


def _ask_when(window: TourWindow) -> Question:
    channel = int(window.trace.pooled_max[0].argmax())
    pooled = window.trace.at(site_before_block(len(window.trace.lstm)))[0]  # (time, channel)
    return Question(
        _(
            "At which step does channel {channel} have its largest value, which the maximum keeps? Look for the darkest red in its row of "
            "the last box over time. Answers within two steps are right.",
            channel=channel,
        ),
        NumericAnswer(int(pooled[:, channel].numpy().argmax()), 2),
        _(
            "The arithmetic of the marked cell names the steps of the largest and the second largest value. Or look for it in the row of "
            "the last box over time."
        ),
        _("The maximum keeps the value and not its time: events at other times can have the same maximum."),
        Compared(_("value of channel {channel}", channel=channel), pooled[:, channel].numpy()),
        lambda cell: cell.column if cell.box.startswith(("BiLSTM", "Attention")) else None,
        lambda given: (one_cell(*_last_over_time(window), channel, given),) if 0 <= given < window.steps else (),
    )


def _distances(window: TourWindow) -> np.ndarray:
    """Return how far each ensemble head is from the mean of the others, in the explained output."""
    outputs = window.trace.ensemble_head_outputs[0, :, window.target].numpy()
    return np.abs(outputs - (outputs.sum() - outputs) / (len(outputs) - 1))


def _place(window: TourWindow) -> str:
    return _("the marked column (output {number} of {outputs})", number=window.target + 1, outputs=len(window.outputs))


def _ask_furthest(window: TourWindow) -> Question:
    outputs = window.trace.ensemble_head_outputs[0, :, window.target].numpy()
    names = tuple(_("ensemble head {number}", number=number + 1) for number in range(len(outputs)))
    return Question(
        _("In {place}, which ensemble head is furthest from the mean of the other two?", place=_place(window)),
        largest(names, _distances(window)),
        _("The cells of the box show their values."),
        _(
            "Here they differ by up to {most:.3g}, which is no fault: they are trained through the combiner only, which may read a "
            "head with the opposite sign. One head alone is no prediction.",
            most=np.ptp(outputs),
        ),
        Compared(_("distance from the mean of the others"), _distances(window), names),
        lambda cell: cell.row if cell.box == "Ensemble heads" else None,
        lambda given: (one_cell("Ensemble heads", 0, given, window.target),),
    )


def _ask_prediction(window: TourWindow) -> Question:
    prediction = window.trace.prediction[0].numpy()
    hint = _("Open the box “Scale, prediction”: its cells show their values.")
    if window.scene.is_classes:
        because = _("The class with the largest output is predicted. The next page shows the outputs as probabilities.")
        outputs = Compared(_("output (model's scale)"), prediction, window.outputs)
        return Question(
            _("Which class does the model predict?"),
            largest(window.outputs, prediction),
            hint,
            because,
            outputs,
            regions=lambda given: (one_cell("Scale, prediction", 0, 0, given),),
        )
    value, heads = float(prediction[window.target]), window.trace.ensemble_head_outputs[0, :, window.target].numpy()
    outside = 1 if value > heads.max() else 2
    return Question(
        _("Where does the prediction lie in {place}, beside the outputs of the three ensemble heads?", place=_place(window)),
        MultipleChoice(
            (_("between them"), _("above all three"), _("below all three")), 0 if heads.min() <= value <= heads.max() else outside
        ),
        _("Compare the cells of “Ensemble heads” and of “Scale, prediction” in the marked column."),
        _(
            "It is {value:.3g}; the heads' outputs go from {low:.3g} to {high:.3g}. The combiner is no mean: it may weigh a "
            "head with either sign. The scale is {whose} standard deviations of the targets.",
            value=value,
            low=heads.min(),
            high=heads.max(),
            whose=window.whose,
        ),
        Compared(
            _("output (model's scale)"),
            np.array([*heads, value]),
            (*(_("ensemble head {number}", number=number + 1) for number in range(len(heads))), _("prediction")),
            "beside",
        ),
        is_decided=(
            Region("Ensemble heads", 0, columns=(window.target, window.target)),
            one_cell("Scale, prediction", 0, 0, window.target),
        ),
    )


def _describe_terms(window: TourWindow) -> str:
    if window.scene.is_classes:
        heat = window.scene.temperature
        divided = "" if heat == 1 else _("The outputs are divided by a temperature of {heat:.3g} first.", heat=heat) + " "
        return divided + _(
            "A softmax turns the outputs into probabilities that add up to 1. They are the model's own confidence, and no promise of how "
            "often it is right. This is the end of the model."
        )
    unit = _(
        "The output is in {whose} standard deviations of the targets: times that deviation, plus the mean, it is in the file's unit.",
        whose=window.whose,
    )
    change = _("The model has learned the change since the window's last step, so that step's value is added.")
    end = _("This is the end of the model.")
    return " ".join((unit, change, end) if window.scene.dataset.window.as_change else (unit, end))


def _terms_formula(window: TourWindow) -> str:
    if window.scene.is_classes:
        return probability_formula(window.scene.temperature)
    return r"v = \hat y\, \sigma + \mu" + (r" + v_{\mathrm{last}}" if window.scene.dataset.window.as_change else "")


SURE = (0.5, 0.9, 0.99)  # bounds of the answers
BETWEEN = (mark("below 50%"), mark("50% to 90%"), mark("90% to 99%"), mark("above 99%"))


def _ask_terms(window: TourWindow) -> Question:
    values, scaling = predicted_values(window.scene), window.scene.dataset.scaling
    decides = (one_cell("Scale, prediction", 1, 0, window.target),)
    value = float(values[window.target])
    hint = _(
        "The sheet “{sheet}” of the last box shows it, and so does the last line of the arithmetic.",
        sheet=_(TERMS_LABEL[window.scene.is_classes]),
    )
    if window.scene.is_classes:
        return Question(
            _("Which probability does the model give to the class in {place}?", place=_place(window)),
            MultipleChoice(tuple(map(_, BETWEEN)), int(np.searchsorted(SURE, value, side="right"))),
            hint,
            _("It gives it {value:.2%}. The page Explain shows the same as a bar.", value=value),
            Compared(_("probability"), values, window.outputs, "beside"),
            is_decided=decides,
        )
    as_change = window.scene.dataset.window.as_change
    beside = float(
        window.scene.dataset.windows.last[window.scene.number, window.target] if as_change else scaling.target_mean[window.target]
    )
    named = _("the value at the window's last step") if as_change else _("{whose} mean", whose=window.whose)
    return Question(
        _("In {place}: what is predicted, beside {named}?", place=_place(window), named=named),
        MultipleChoice((_("a higher value"), _("a lower value"), _("the same")), 2 if value == beside else int(value < beside)),
        hint,
        _(
            "Predicted is {value:.4g}, and {named} is {beside:.4g}. The page Explain shows both with their unit and, where it is known, "
            "the true value.",
            value=value,
            named=named,
            beside=beside,
        ),
        Compared(_("in the file's unit"), np.array([value, beside]), (_("prediction"), named), "beside"),
        is_decided=decides,
    )


ENDING = (
    Chapter(
        mark("From all steps to one vector"),
        mark(
            "Three summaries remove the time axis: the mean describes the whole window, the maximum whether something happened anywhere in "
            "it, the last step how it ended."
        ),
        mark("Choose a cell of each row, and see in its arithmetic how many steps of the window it needs."),
        r"v = \Big[\tfrac{1}{T} \textstyle\sum_t h_t;\ \max_t h_t;\ h_{T-1}\Big]",
        (
            excerpt(FORWARD, "pooled_", "pooled ="),
            excerpt(f"{ENSEMBLE}:MeanPool.forward", "h.mean"),
            excerpt(f"{ENSEMBLE}:MaxPool.forward", "amax"),
            excerpt(f"{ENSEMBLE}:last_step", "h[:, -1]"),
        ),
        lambda window: StartCell("Mean | max | last", 0, POOLS.index("max"), int(window.trace.pooled_max[0].argmax())),
        _ask_when,
        is_askable=lambda window: window.steps > 5,  # with two steps more or less any answer would be right
        trial=lambda window: SilencePooled("max"),
    ),
    Chapter(
        mark("Three ensemble heads that disagree"),
        mark(
            "Three small networks read the same vector, and each computes its own outputs. They may disagree widely, and the model may "
            "still be right."
        ),
        mark("Read the three rows of the marked column. Then open the combiner: to which of the three is it closest?"),
        r"y^{(m)} = W_3 \max\big(0,\ W_2 \max(0,\ W_1 v + b_1) + b_2\big) + b_3",
        (excerpt(f"{ENSEMBLE}:output_head"),),
        lambda window: StartCell("Ensemble heads", 0, 0, window.target),
        _ask_furthest,
        trial=lambda window: SilenceEnsembleHead(int(_distances(window).argmax())),
    ),
    Chapter(
        mark("Combiner, scale, prediction"),
        mark(
            "A last small network combines the outputs of the three ensemble heads, and one learned number scales the result. That is the "
            "prediction in the model's scale."
        ),
        mark("Choose a cell of the combiner, then the same cell of the prediction: the last line of its arithmetic is the scale."),
        r"\hat y = \lambda \cdot \big(W_2 \max(0,\ W_1\, [y^{(1)};\, y^{(2)};\, y^{(3)}] + b_1) + b_2\big)",
        (excerpt(f"{ENSEMBLE}:combiner"), excerpt(FORWARD, "self.gradient_scale")),
        lambda window: StartCell("Combiner", 0, 0, window.target),
        _ask_prediction,
    ),
    Chapter(
        mark("What the prediction means"),
        _describe_terms,
        mark("Follow the arithmetic of the marked cell to its last line, then open the page Explain: it shows the same number."),
        _terms_formula,
        lambda window: (
            excerpt("complex_lstm.inference:softmax" if window.scene.is_classes else "complex_lstm.data.scaling:unscale_targets"),
        ),
        lambda window: StartCell("Scale, prediction", 1, 0, window.target),
        _ask_terms,
    ),
)
