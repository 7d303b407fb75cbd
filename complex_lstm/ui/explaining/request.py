"""What is explained, against what, and by which methods."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

import streamlit as st

from complex_lstm.errors import never_stop
from complex_lstm.interpretation import BASELINES, DEFAULTS, METHODS, Baseline, ExplanationRequest, ForwardFunction, make_request
from complex_lstm.interpretation.requests import name_baseline
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.scene import target_label, target_of, unit_of
from complex_lstm.ui.session.state import choose, current

QUICK = "occlusion"  # the method where there is only one: cells and features in a moment, of every model


@dataclass(frozen=True)
class ExplanationSettings:
    """The choices of a visitor. Methods stand in the order of the registry."""

    output: int
    as_probability: bool
    baseline: Baseline
    reference: int
    methods: tuple[str, ...]

    @property
    def asked(self) -> tuple[int, bool, str, int]:
        """What is asked, without by which methods: part of the keys of what is computed."""
        return self.output, self.as_probability, self.baseline, self.reference if self.baseline == "chosen_window" else 0

    def of_window(self, scene: Scene) -> Hashable:
        """Return what the jobs about the scene's window are known by."""
        return scene.keys, scene.number, self.asked

    def key(self, scene: Scene) -> Hashable:
        """Return what the jobs about the scene's window and these methods are known by."""
        return self.of_window(scene), self.methods

    def baseline_name(self, scene: Scene) -> str:
        return name_baseline(scene.dataset, self.baseline, self.reference)

    def ask(self, scene: Scene, stop: Callable[[], bool] = never_stop) -> ForwardFunction:
        """Return the question about the scene's window, put to the scene's model."""
        return ForwardFunction(scene.model, self.request(scene), scene.device, stop)

    def with_output(self, output: int) -> ExplanationSettings:
        return replace(self, output=output)

    def request(self, scene: Scene, *, baseline: Baseline | None = None, number: int | None = None) -> ExplanationRequest:
        """Return the question for the scene's window, or for another baseline or window."""
        return make_request(
            scene.dataset,
            scene.number if number is None else number,
            self.output,
            baseline or self.baseline,
            as_probability=self.as_probability,
            reference=self.reference,
        )

    def target(self, scene: Scene) -> str:
        """Return what is explained, in words."""
        name = target_label(scene, self.output)
        return f"probability of {name}" if self.as_probability else name

    def unit(self, scene: Scene) -> str:
        return "probability" if self.as_probability else unit_of(scene, self.output)


def chosen(scene: Scene) -> ExplanationSettings:
    """Return the choices that the selection holds; what it leaves open, or names wrongly, is the default."""
    selection = current()
    named = selection.explanation.methods.split(",")
    reference = selection.explanation.reference or 0
    return ExplanationSettings(
        target_of(scene),
        scene.is_classes and selection.explanation.scale == "probability",
        next((name for name in BASELINES if name == selection.explanation.baseline), "training_mean"),
        min(reference, len(scene.dataset.windows) - 1),
        tuple(name for name in METHODS if name in named) or DEFAULTS,
    )


def draw_choices(scene: Scene) -> ExplanationSettings:
    """Draw the widgets and return the choices."""
    choice = draw_question(scene, "importance")
    st.session_state["importance_methods"] = list(choice.methods)
    st.multiselect(
        "Methods", list(METHODS), format_func=lambda name: METHODS[name].label, key="importance_methods", on_change=_take_methods
    )
    return choice


def draw_question(scene: Scene, page: str) -> ExplanationSettings:
    """Draw what is explained and against what, and return the choices."""
    choice = chosen(scene)
    first, second, third, fourth = st.columns([3, 4, 3, 2], vertical_alignment="bottom")
    with first:
        _select(f"{page}_target", "Explain the output", range(len(scene.outputs)), scene.outputs.__getitem__, choice.output)
    with third:
        _draw_scale(scene, choice, f"{page}_scale")
    with second:
        _select(f"{page}_baseline", "Baseline: what stands for 'nothing known'", BASELINES, BASELINES.__getitem__, choice.baseline)
    if choice.baseline == "chosen_window":
        key, last = f"{page}_reference", len(scene.dataset.windows) - 1
        st.session_state[key] = choice.reference
        fourth.number_input(f"Which window (0 to {last})", 0, last, key=key, on_change=_take, args=(key,))
    return choice


def choose_method(page: str) -> str:
    """Draw the choice of the one method that explains two sides of a view, and return it."""
    method = current().explanation.method if current().explanation.method in METHODS else QUICK
    _select(f"{page}_method", "By the method", METHODS, lambda name: METHODS[name].label, method)
    return method


def _draw_scale(scene: Scene, choice: ExplanationSettings, key: str) -> None:
    if not scene.is_classes:
        return
    st.session_state[key] = "probability" if choice.as_probability else "logit"
    st.segmented_control("As", ["logit", "probability"], key=key, on_change=_take, args=(key,), required=True)


def _select(key: str, label: str, options: object, name: object, value: object) -> None:
    st.session_state[key] = value
    st.selectbox(label, list(options), format_func=name, key=key, on_change=_take, args=(key,))  # type: ignore[call-overload]


def _take(key: str) -> None:
    """Take what a widget says into the field of the selection that its key ends in."""
    choose(**{key.rsplit("_", 1)[-1]: st.session_state[key]})


def _take_methods() -> None:
    taken = st.session_state["importance_methods"]
    choose(methods="" if tuple(name for name in METHODS if name in taken) == DEFAULTS else ",".join(taken))
