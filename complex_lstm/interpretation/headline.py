"""The headline of a prediction: what it rests on by the consensus, how far the methods differ, and the consensus' verdict.

Every place that says in one sentence what a prediction rests on takes it from here, so that no two of them name different features.
What tells another thing, such as one method's own ranking or a mean over many windows, says so in its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from complex_lstm.data import Dataset
from complex_lstm.data.units import digits
from complex_lstm.errors import never_stop
from complex_lstm.inference import predict
from complex_lstm.interpretation.automatic_baseline import AutomaticBaseline, automatic_baseline, request_against
from complex_lstm.interpretation.consensus import MEMBERS
from complex_lstm.interpretation.evidence import WindowEvidence, map_evidence, window_evidence
from complex_lstm.interpretation.explanation import Explanation, ExplanationRequest
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.methods import METHODS, explain, explain_consensus
from complex_lstm.interpretation.requests import USUAL, Baseline, make_request
from complex_lstm.interpretation.verdict import Verdict, judge
from complex_lstm.languages import _, mark, spoken
from complex_lstm.model import ComplexLSTMModel

HALF = 0.5  # of a feature's importance, which the stretch that is named holds
SHORT = 0.4  # of the window: a longer stretch is called spread, since a half of the window holds half of anything
ROUNDING = 1e-6  # features whose importance differs by less, relatively, are both first

# Whose mean it is that a feature is set to, as `name_baseline` says it.
MEANS = (mark("the training mean of each feature"), mark("the given mean of each feature"), mark("this file's mean of each feature"))

OF_HEADLINE = (*MEMBERS, "consensus")  # the methods that it is made of


@dataclass(frozen=True)
class Naming:
    """What a headline calls things: the prediction, the features, the steps, and the unit of the explained output.

    The prediction has its `value`, written as in English, with a unit of its own. `automatic` is the baseline that was chosen by itself
    instead of the usual one, None where none was.
    """

    prediction: str
    features: Sequence[str]
    times: Sequence[str]
    unit: str
    value: str = ""
    value_unit: str = ""
    automatic: AutomaticBaseline | None = None

    @property
    def predicted(self) -> str:
        """The prediction with its value, in the language that is written now."""
        return " ".join(part for part in (self.prediction, spoken().written(self.value), self.value_unit) if part)


@dataclass(frozen=True)
class TopFeature:
    """The feature that the consensus ranks first.

    share     its share of all importance, by the consensus
    interval  the smallest and the largest share that a method of the consensus gives it: over methods, no confidence interval
    stretch   first and last step of the shortest stretch that holds half of its importance; None where it is no short one
    rivals    the features that other methods rank first, each with these methods' labels
    methods   how many methods were asked
    """

    name: str
    share: float
    interval: tuple[float, float]
    stretch: tuple[str, str] | None
    rivals: Mapping[str, tuple[str, ...]]
    methods: int


@dataclass(frozen=True)
class Headline:
    """What a prediction rests on, against a baseline, and the verdict on the consensus. `top` is None where there is nothing to explain."""

    naming: Naming
    baseline: str
    verdict: Verdict
    top: TopFeature | None

    @property
    def disagrees(self) -> bool:
        """Whether a method of the consensus ranks another feature first than the consensus does."""
        return self.top is not None and bool(self.top.rivals)

    def words(self, escape: Callable[[str], str] = str, strong: Callable[[str], str] = str) -> str:
        """Return the headline as sentences in the language that is written now.

        `escape` makes a text safe where it will stand, `strong` makes a safe text stand out.
        """
        verdict = _("The consensus' verdict: {verdict}.", verdict=escape(_(self.verdict.words.rstrip("."))))
        automatic = self.naming.automatic
        judged = f"{verdict} {escape(automatic.why)}" if automatic else verdict
        goal, baseline = escape(self.naming.predicted), escape(automatic.told if automatic else _(self.baseline))
        if self.top is None:
            return _(
                "The prediction is {prediction}. {verdict} So no feature is named, against {baseline}.",
                prediction=goal,
                verdict=judged,
                baseline=baseline,
            )
        top = self.top
        name, (low, high) = strong(escape(top.name)), top.interval
        by_methods = _(
            "{share:.0%} of all importance against {baseline}, {low:.0f} to {high:.0%} by its {methods} methods",
            share=top.share,
            baseline=baseline,
            low=100 * low,
            high=high,
            methods=top.methods,
        )
        parts = {"prediction": goal, "name": name, "where": _where(top.stretch, escape), "share": by_methods, "verdict": judged}
        if not top.rivals:
            return _(
                "The prediction {prediction} rests most on {name}{where}, by the consensus: {share}, which all rank it first. {verdict}",
                **parts,
            )
        return _(
            "The methods disagree on what the prediction {prediction} rests on. The consensus ranks {name} first{where}: {share}; "
            "{rivals}. {verdict}",
            rivals="; ".join(_who(methods, strong(escape(rival))) for rival, methods in top.rivals.items()),
            **parts,
        )


def headline(explanations: Mapping[str, Explanation], verdict: Verdict, naming: Naming) -> Headline:
    """Return the headline of a prediction from the explanations of one request by the consensus and its members, and its verdict.

    A method's share of a feature is the absolute importance of the feature over the sum of all features'. Of a method that gives no
    feature any importance there is no share and no rank.
    """
    consensus = explanations["consensus"]
    sizes = np.abs(consensus.features)
    members = {name: np.abs(explanations[name].features) for name in MEMBERS if explanations[name].features.any()}
    if verdict.standing == "nothing" or not members:
        return Headline(naming, consensus.baseline, verdict, None)
    first = int(sizes.argmax())
    shares = [float(one[first] / one.sum()) for one in members.values()]
    rivals: dict[str, tuple[str, ...]] = {}
    for method, one in members.items():
        if one[first] < one.max() * (1 - ROUNDING):
            rival = naming.features[int(one.argmax())]
            rivals[rival] = (*rivals.get(rival, ()), METHODS[method].label)
    stretch = _stretch(np.abs(consensus.cells[:, first]))
    named = (naming.times[stretch[0]], naming.times[stretch[1]]) if stretch else None
    interval = (min(shares), max(shares))
    top = TopFeature(naming.features[first], float(sizes[first] / sizes.sum()), interval, named, rivals, len(members))
    return Headline(naming, consensus.baseline, verdict, top)


def judged_headline(
    forward_func: ForwardFunction, explanations: Mapping[str, Explanation], window: WindowEvidence, naming: Naming
) -> Headline:
    """Return the headline from the same explanations and what is known of the window: the consensus is judged here."""
    consensus = explanations["consensus"]
    found = map_evidence(forward_func, window, consensus.attribution)
    return headline(explanations, judge(consensus, found, window, unit=naming.unit, by_itself=naming.automatic is not None), naming)


def explain_headline(
    model: ComplexLSTMModel | torch.nn.Module,
    request: ExplanationRequest,
    naming: Naming,
    *,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> Headline:
    """Return the headline of a request, of which nothing is known yet: some seconds of forward passes.

    Raises:
        Stopped: `stop` returned True.
    """
    members = {name: explain(model, request, name, device=device, stop=stop) for name in MEMBERS}
    forward_func = ForwardFunction(model, request, device or torch.device("cpu"), stop)
    found = {**members, "consensus": explain_consensus(forward_func, members)}
    return judged_headline(forward_func, found, window_evidence(forward_func), naming)


def window_headline(
    model: ComplexLSTMModel,
    dataset: Dataset,
    window: int,
    *,
    target: str | None = None,
    baseline: Baseline | None = None,
    as_probability: bool = False,
) -> Headline | None:
    """Return the headline of a window of a data set, None where it has no prediction.

    Without a baseline it is the training mean, or where that changes nothing another one (`automatic_baseline`). Without a target the
    explained class is the predicted one, and the explained value is the first.
    """
    predicted = predict(model, dataset, np.array([window])).predicted[0]
    if not np.isfinite(predicted).all():
        return None
    schema, windows, is_classes = dataset.schema, dataset.windows, dataset.schema.roles.task == "classes"
    output = schema.outputs.index(target) if target is not None else int(predicted.argmax()) if is_classes else 0
    name, start = schema.outputs[output], int(windows.start[window])
    unit = schema.unit(name)
    value = f"({predicted[output]:.0%})" if is_classes else digits(float(predicted[output]))
    times = dataset.series[int(windows.series[window])].labels_at(slice(start, start + int(windows.length[window])))
    of_output = "probability" if as_probability else "logit" if is_classes else unit or name
    automatic = None if baseline else automatic_baseline(model, dataset, window, output, as_probability=as_probability)
    if automatic:
        request = request_against(dataset, window, output, automatic, as_probability=as_probability)
    else:
        request = make_request(dataset, window, output, baseline or USUAL, as_probability=as_probability)
    chosen = automatic if automatic and automatic.pool else None
    naming = Naming(name, schema.roles.features, times, of_output, value, "" if is_classes else unit, chosen)
    return explain_headline(model, request, naming)


def _stretch(sizes: Float[np.ndarray, " time"]) -> tuple[int, int] | None:
    """Return the first and last step of the shortest stretch that holds half of a feature's importance, None where it is long."""
    sums = np.concatenate([[0.0], np.cumsum(sizes)])
    ends = np.searchsorted(sums, sums[:-1] + HALF * sums[-1] * (1 - 1e-12))  # for each first step: how many steps reach half
    lengths = np.where(ends < len(sums), ends - np.arange(len(sizes)), len(sizes) + 1)
    start = int(lengths.argmin())
    length = int(lengths[start])
    return None if length > SHORT * len(sizes) else (start, start + length - 1)


def _where(stretch: tuple[str, str] | None, escape: Callable[[str], str]) -> str:
    if stretch is None:
        return _(", spread over the window")
    first, last = (escape(spoken().dated(one)) for one in stretch)
    return _(", mostly at {step}", step=first) if first == last else _(", mostly from {first} to {last}", first=first, last=last)


def _who(methods: tuple[str, ...], feature: str) -> str:
    """Return which methods rank a feature first: "Occlusion and Shapley rank humid first"."""
    *others, last = methods
    if not others:
        return _("{method} ranks {feature} first", method=last, feature=feature)
    return _("{methods} and {last} rank {feature} first", methods=", ".join(others), last=last, feature=feature)
