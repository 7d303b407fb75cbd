"""Inside, while it learned: a run's moments to be played, and what the document claims of them beside what they show.

What the document claims of training, beside what a run did: each answer in a few sentences with its numbers.
"""

from __future__ import annotations

import math

import streamlit as st

from complex_lstm.data import Dataset
from complex_lstm.interpretation.training_dynamics.head_diversity import Specialising
from complex_lstm.interpretation.training_dynamics.settling import Gating, ScoreCourse, Settling, third_of
from complex_lstm.runs import Run
from complex_lstm.ui.components.training_replay import replay_canvas
from complex_lstm.ui.session.messages import caption, errors_shown, plain, reading
from complex_lstm.ui.session.runs import find_run
from complex_lstm.ui.views.train.dynamics_figures import draw_figures
from complex_lstm.ui.views.train.replay import Inside, data_behind, film_of, inside_of, output_names, scenery_of, window_label

ATTENTION = "**Attention.** The document says that it settles in the middle of training."


def attention_sentence(layers: tuple[Settling, ...], last: int) -> str:
    """Return whether the attention settled in the middle of the run, as the document has it."""
    if not layers:
        return "**Attention.** No attention layer is in at the last moment, so there is nothing that could settle."
    if all(len(layer.steps) < 2 for layer in layers):
        return f"{ATTENTION} In this run there are not two moments to compare yet."
    said = "; ".join(_settles(number, layer, last) for number, layer in enumerate(layers, start=1))
    return f"{ATTENTION} In this run {said}."


def heads_sentence(heads: Specialising) -> str:
    """Return whether the ensemble heads specialised late in the run, as the document has it."""
    claim = "**Ensemble heads.** The document says that they specialise late. In this run"
    if len(heads.steps) < 2 or not heads.pairs:
        return f"{claim} there are not two moments to compare yet."
    far, alike = heads.distance.mean(axis=1), heads.correlation.mean(axis=1)
    course = f"over the run their distance goes from {_told(far[0])} to {_told(far[-1])} (unrelated outputs: 1.41)"
    errors = f"and the correlation of their errors from {_told(alike[0])} to {_told(alike[-1])}."
    if heads.third is None:
        return f"{claim} they **hardly grow apart** in any third: {course}, {errors}"
    return f"{claim} they grow apart most **{heads.third}**, by {heads.growth.max():.2f} in that third; {course}, {errors}"


def gate_sentence(gate: Gating) -> str:
    """Return where the gate went."""
    if not len(gate.steps):
        return "**Gate.** The fusion gate is not in yet."
    return (
        f"**Gate.** Its mean goes from {gate.mean[0]:.3f} to {gate.mean[-1]:.3f} (1 takes stage 1, 0 takes stage 2). At the last moment "
        f"{gate.near_0[-1]:.1%} of its values are under 0.1 and {gate.near_1[-1]:.1%} over 0.9; at the first it was "
        f"{gate.near_0[0]:.1%} and {gate.near_1[0]:.1%}."
    )


def scores_sentence(scores: ScoreCourse, names: tuple[str, ...], *, is_classes: bool) -> str:
    """Return how far the classes, or the targets, came."""
    known = [(value, name) for value, name in zip(scores.each[-1].tolist(), names, strict=True) if math.isfinite(value)]
    low, high = min(known), max(known)
    what = "Recall" if is_classes else "Squared error, where 1 is as good as saying the mean,"
    if len(known) == 1:
        return f"**Scores.** {what} at the last moment: {low[0]:.2f} for {plain(low[1])}."
    return (
        f"**Scores.** {what} at the last moment: {low[0]:.2f} for {plain(low[1])} (lowest) to {high[0]:.2f} for {plain(high[1])} (highest)."
    )


def left_out_sentence(steps: tuple[int, ...], *, kept: int) -> str:
    """Return which moments are left out because the model had diverged. `kept` are the others."""
    count = len(steps) + kept
    which = f"{len(steps)} of {count} moments, the first at step {steps[0]:,}, {'is' if len(steps) == 1 else 'are'}"
    if not kept:
        which = f"All {count} moments, from step {steps[0]:,} on, are" if count > 1 else f"The only moment, at step {steps[0]:,}, is"
    return (
        f"{which} left out: the model had diverged, and its attention or outputs were no longer finite numbers. "
        f"{'There is nothing to show. ' if not kept else ''}Train again with a lower learning rate, or with gradients clipped."
    )


def _settles(number: int, layer: Settling, last: int) -> str:
    at = layer.settled_at
    since = f", having come in at step {layer.steps[0]:,}" if layer.steps[0] > 0 else ""
    if at is None:
        return f"layer {number} **hardly changes**{since}: its maps are never further than {layer.largest:.3f} from the last ones"
    if at == layer.steps[-1]:
        return (
            f"layer {number} **has not settled** by step {at:,}{since}: up to the moment before its maps are further than a tenth of their "
            f"largest distance ({layer.largest:.3f}) from the last ones"
        )
    return (
        f"layer {number} settles **{third_of(at / last)}**{since}: from step {at:,} of {last:,} ({at / last:.0%}) on its maps stay within "
        f"a tenth of their largest distance from the last ones ({layer.largest:.3f})"
    )


def _told(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "unknown"


def show_dynamics(run: Run) -> None:
    """Draw what went on inside the model while it learned. It stands outside of what polls, so that it is not redrawn while it plays."""
    st.subheader("Inside, while it learned")
    _draw(run.key)


@st.fragment
def _draw(key: str) -> None:
    with errors_shown(), st.container(key="view-dynamics"):
        run = find_run(key)
        inside = inside_of(run)
        if inside is None:
            _say_nothing_kept(run)
            return
        if inside.left_out:
            st.warning(left_out_sentence(inside.left_out, kept=len(inside.moments)), icon="🔎")
        if inside.moments:
            _answer(run, inside)
            _offer_film(run, inside)


def _say_nothing_kept(run: Run) -> None:
    if run.is_under_way and run.plan.training.moments:
        st.caption("No moment has been kept yet; the first one is kept when the first step begins.")
        st.button("Look again", key="train_dynamics_again", icon="🔄")
    else:
        st.info(
            "This run has kept no moments: it was made with Moments at 0, or before they were kept. Train once more with Moments at 30 "
            "under More settings, and what went on inside can be played here.",
            icon="🎞️",
        )


def _answer(run: Run, inside: Inside) -> None:
    if run.is_under_way:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Look again", key="train_dynamics_again", icon="🔄", help="Takes in the moments that were kept since.")
            st.caption(
                f"The run is under way: all this is of its {len(inside.moments)} moments up to step {inside.last:,}, and early, middle "
                f"and late are thirds of what is done so far."
            )
    st.markdown(attention_sentence(inside.settling, inside.last))
    st.markdown(heads_sentence(inside.specialising))
    st.markdown(gate_sentence(inside.gating))
    watched = inside.watched
    caption(
        run=run.plan.name,
        moments=f"{len(inside.moments)} from step 0 to {inside.last:,}, closer together at first",
        attention_and_gate=f"of {len(watched.windows)} windows of the {watched.part} part",
        heads_and_scores=f"of {len(watched.judged)} windows of the {watched.part} part",
        model="evaluated at each moment, without dropout",
        computed="on the CPU, from what the run kept",
    )


def _offer_film(run: Run, inside: Inside) -> None:
    if not st.toggle("Play it, moment by moment", key="train_dynamics_film"):
        return
    dataset = data_behind(run)
    step = _show_film(run, inside, dataset) if inside.settling else None
    if step is None:
        st.caption("There are no maps to play: no attention layer is in.")
    names = output_names(run, inside, dataset)
    st.markdown(scores_sentence(inside.scores, names, is_classes=run.plan.roles.task == "classes"))
    draw_figures(run, inside, names=names, step=step)


def _show_film(run: Run, inside: Inside, dataset: Dataset | None) -> int:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    places = range(len(inside.watched.windows))
    labels = [window_label(inside, place, dataset) for place in places]  # a select box shows them letter by letter
    place = left.selectbox("Window", places, key=f"train_dynamics_window_{run.key}", format_func=labels.__getitem__)
    layers = range(len(inside.settling))
    layer = right.selectbox("Attention layer", layers, key=f"train_dynamics_layer_{run.key}", format_func=lambda one: str(one + 1))
    step = replay_canvas(
        film_of(inside, place, layer),
        scenery_of(inside, place, dataset),
        file_name=f"moments_window_{inside.watched.windows[place]}",
        component_key=f"train_dynamics_canvas_{run.key}",
    )
    if dataset is None:
        st.caption(
            f"{plain(run.plan.data_name)} is not open here, or has changed: without it there is no series. Open it on the Start page."
        )
    cell = inside.watched.cell
    caption(
        method="softmax(Q K^T / sqrt d) as the forward pass uses it",
        cells=f"of {cell} steps: summed over the keys, averaged over the queries" if cell > 1 else "",
        precision="as kept, half",
        window=labels[place],
    )
    reading(
        "Play, or move the slider with the mouse or the arrow keys; each map is one attention head, a row is a step that attends, its "
        "bright cells are the steps it takes from.",
        "On one colour range the untrained maps look empty, though they hold as much weight as later ones: it is spread evenly. "
        "And what settles may have settled only because the learning rate went to zero.",
    )
    return step
