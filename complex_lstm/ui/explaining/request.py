"""What is explained, against which baseline and by which methods."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st

from complex_lstm.errors import never_stop
from complex_lstm.interpretation import (
    BASELINES,
    DEFAULTS,
    METHODS,
    Baseline,
    ExplanationRequest,
    ForwardFunction,
    label_baseline,
    make_request,
)
from complex_lstm.interpretation.automatic_baseline import AutomaticBaseline, automatic_baseline, usual_baseline, usual_will_do
from complex_lstm.interpretation.forward import uncounted
from complex_lstm.interpretation.requests import USUAL, name_baseline
from complex_lstm.ui.compute.cache import remember
from complex_lstm.ui.compute.jobs import Job, wait_briefly
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.outputs import listed_outputs
from complex_lstm.ui.session.page_jobs import is_awaited, request_job
from complex_lstm.ui.session.progress import rerun_when_done
from complex_lstm.ui.session.scene import target_label, target_of, unit_of
from complex_lstm.ui.session.state import choose, current

BY_ITSELF: Literal[""] = ""  # the baseline in a link that names none
QUICK = "occlusion"  # the default where a view has one method: fast, for every model, with cells and features


@dataclass(frozen=True)
class ExplanationSettings:
    """What the visitor has chosen. `methods` are in the order of the registry.

    `automatic` is the baseline that was chosen by itself in place of the usual one, None where it is the usual one or the visitor's.
    `is_settled` is False as long as such a baseline is being looked for: the usual one counts meanwhile.
    """

    output: int
    as_probability: bool
    baseline: Baseline
    reference: int
    methods: tuple[str, ...]
    automatic: AutomaticBaseline | None = None
    is_settled: bool = True

    @property
    def request_key(self) -> tuple[int, bool, str, int, bool]:
        """The output, its scale and the baseline, without the methods: part of the keys of cached results."""
        reference = self.reference if self.baseline == "chosen_window" else 0
        return self.output, self.as_probability, self.baseline, reference, self.automatic is not None

    @property
    def of_many(self) -> ExplanationSettings:
        """The same for many windows: a baseline that was chosen by itself for one of them is the usual one again."""
        return replace(self, baseline=USUAL, reference=0, automatic=None) if self.automatic else self

    def window_key(self, scene: Scene) -> Hashable:
        """Return the key of the jobs that explain the scene's window."""
        return scene.keys, scene.number, self.request_key

    def key(self, scene: Scene) -> Hashable:
        """Return the key of the jobs that explain the scene's window by these methods."""
        return self.window_key(scene), self.methods

    def baseline_name(self, scene: Scene) -> str:
        return self.automatic.name if self.automatic else name_baseline(scene.dataset, self.baseline, self.reference)

    def forward_function(
        self, scene: Scene, stop: Callable[[], bool] = never_stop, on_pass: Callable[[int], None] = uncounted
    ) -> ForwardFunction:
        """Return the explained output of the scene's model as a function of the scene's window."""
        return ForwardFunction(scene.model, self.request(scene), scene.device, stop, on_pass)

    def request(self, scene: Scene, *, baseline: Baseline | None = None, number: int | None = None) -> ExplanationRequest:
        """Return the request for the scene's window, or for another baseline or window."""
        found = make_request(
            scene.dataset,
            scene.number if number is None else number,
            self.output,
            baseline or self.baseline,
            as_probability=self.as_probability,
            reference=self.reference,
        )
        return replace(found, baseline_name=self.automatic.name) if self.automatic and not baseline else found

    def target(self, scene: Scene) -> str:
        """Return the name of the explained output, for captions."""
        name = target_label(scene, self.output)
        return f"probability of {name}" if self.as_probability else name

    def unit(self, scene: Scene) -> str:
        return "probability" if self.as_probability else unit_of(scene, self.output)


def chosen(scene: Scene) -> ExplanationSettings:
    """Return the choices in the selection. What is missing there, or not valid, has its default.

    A missing baseline is the usual one, or where nothing differs from that, one that is chosen by itself once it is found.
    """
    asked = current().explanation
    output, as_probability = target_of(scene), scene.is_classes and asked.scale == "probability"
    methods = tuple(name for name in METHODS if name in asked.methods.split(",")) or DEFAULTS
    if baseline := next((name for name in BASELINES if name == asked.baseline), None):
        return ExplanationSettings(output, as_probability, baseline, min(asked.reference or 0, len(scene.dataset.windows) - 1), methods)
    with st.empty():  # whatever stands in it, what follows keeps its place: else the page shows it twice until the run ends
        found, is_settled = _automatic(scene, output, as_probability)
    by_itself = found if found.pool else None
    return ExplanationSettings(output, as_probability, found.baseline, found.reference, methods, by_itself, is_settled)


def _automatic(scene: Scene, output: int, as_probability: bool) -> tuple[AutomaticBaseline, bool]:
    """Return the baseline of the scene's window for which none is chosen, and whether no other is being looked for.

    Two forward passes say whether the usual one will do, as it mostly does. Else another is looked for beside the page, once for all
    visitors: meanwhile the usual one counts, and the page runs again when it is found.
    """
    of_window, key = (scene.model, scene.dataset, scene.number, output), (scene.keys, scene.number, output, as_probability)

    def will_do() -> bool:
        return usual_will_do(*of_window, as_probability=as_probability, device=scene.device)

    def find(job: Job[AutomaticBaseline]) -> AutomaticBaseline:
        return computed(automatic_baseline, *of_window, as_probability=as_probability, device=scene.device, stop=job.must_stop)

    if remember("usual_will_do", key, will_do, most=512):
        return usual_baseline(scene.dataset), True
    job = request_job(("automatic_baseline", *key), find)
    wait_briefly([job])
    if is_awaited(job):
        rerun_when_done(job)
        return usual_baseline(scene.dataset), False
    return job.result if job.state == "done" else usual_baseline(scene.dataset), True


def draw_choices(scene: Scene) -> ExplanationSettings:
    """Draw the widgets for the output, the baseline and the methods, and return the choices."""
    choice = draw_target_and_baseline(scene, "importance")
    st.multiselect(
        "Methods", list(METHODS), format_func=lambda name: METHODS[name].label,
        **mirrored("importance_methods", list(choice.methods), _store_methods),
    )  # fmt: skip
    return choice


def draw_target_and_baseline(scene: Scene, page: str) -> ExplanationSettings:
    """Draw the widgets for the explained output and the baseline, and return the choices."""
    choice = chosen(scene)
    first, second, third, fourth = st.columns([3, 4, 3, 2], vertical_alignment="bottom")
    with first:
        _select(f"{page}_target", "Explain the output", listed_outputs(scene), scene.outputs.__getitem__, choice.output)
    if scene.is_classes:
        key = f"{page}_scale"
        scale = "probability" if choice.as_probability else "logit"
        third.segmented_control("Explain it as", ["logit", "probability"], required=True, **mirrored(key, scale, _store, key))
    with second:
        _select_baseline(scene, page, choice)
    if choice.baseline == "chosen_window" and not choice.automatic:
        key, last = f"{page}_reference", len(scene.dataset.windows) - 1
        fourth.number_input(f"Which window (0 to {last})", 0, last, **mirrored(key, choice.reference, _store, key))
    return choice


def chosen_method() -> str:
    """Return the one method that the selection names, else the quick one."""
    method = current().explanation.method
    return method if method in METHODS else QUICK


def choose_method(page: str) -> str:
    """Draw the choice of the method that explains both sides of a view, and return it."""
    method = chosen_method()
    _select(f"{page}_method", "Method", METHODS, lambda name: METHODS[name].label, method)
    return method


def choose_tint(scene: Scene, page: str) -> None:
    """Draw the choices of the output that is explained, of the baseline, and of the one method that tints its series, in one slim row."""
    choice, method = chosen(scene), chosen_method()
    explained, against, tint = st.columns(3)
    with explained:
        _select(f"{page}_target", "Explain the output", listed_outputs(scene), scene.outputs.__getitem__, choice.output)
    with against:
        _select_baseline(scene, page, choice)
    with tint:
        _select(f"{page}_method", "Tint by the method", METHODS, lambda name: METHODS[name].label, method)


def _select_baseline(scene: Scene, page: str, choice: ExplanationSettings) -> None:
    asked = choice.baseline if current().explanation.baseline == choice.baseline else BY_ITSELF

    def name(baseline: Baseline | Literal[""]) -> str:
        """The same in every run: Streamlit knows an option by its words, and takes words that are gone for a choice of the visitor's."""
        return label_baseline(scene.dataset, baseline) if baseline else "chosen by itself"

    _select(f"{page}_baseline", "Baseline (reference input)", (BY_ITSELF, *BASELINES), name, asked)


def _select(key: str, label: str, options: object, name: object, value: object) -> None:
    st.selectbox(label, list(options), format_func=name, **mirrored(key, value, _store, key))  # type: ignore[call-overload]


def _store(key: str) -> None:
    """Copy a widget's value into the field of the selection whose name its key ends in."""
    choose(**{key.rsplit("_", 1)[-1]: st.session_state[key]})


def _store_methods() -> None:
    chosen_methods = st.session_state["importance_methods"]
    choose(methods="" if tuple(name for name in METHODS if name in chosen_methods) == DEFAULTS else ",".join(chosen_methods))
