"""The inside of the model during training: a run's snapshots as a replay, and the findings on the architecture document's claims."""

from __future__ import annotations

import math

import streamlit as st

from complex_lstm.data import Dataset
from complex_lstm.interpretation.training_dynamics.head_diversity import Specialising
from complex_lstm.interpretation.training_dynamics.settling import Gating, ScoreCourse, Settling, third_of
from complex_lstm.runs import Run
from complex_lstm.ui.components.training_replay import replay_canvas
from complex_lstm.ui.session.figures import file_name
from complex_lstm.ui.session.messages import caption, errors_shown, plain, reading
from complex_lstm.ui.session.runs import find_run
from complex_lstm.ui.views.train.dynamics_figures import draw_figures
from complex_lstm.ui.views.train.replay import Dynamics, data_behind, dynamics_of, film_of, output_names, scenery_of, window_label

ATTENTION = "**Attention.** By the architecture document it settles in the middle of training."


def attention_sentence(layers: tuple[Settling, ...], last: int) -> str:
    """Return whether the attention settled in the middle of the run, as the architecture document claims."""
    if not layers:
        return "**Attention.** No attention layer is trained at the last snapshot, so nothing can settle."
    if all(len(layer.steps) < 2 for layer in layers):
        return f"{ATTENTION} In this run there are not two snapshots to compare yet."
    findings = "; ".join(_settles(number, layer, last) for number, layer in enumerate(layers, start=1))
    return f"{ATTENTION} In this run {findings}."


def heads_sentence(heads: Specialising) -> str:
    """Return whether the ensemble heads specialised late in the run, as the architecture document claims."""
    claim = "**Ensemble heads.** By the architecture document they specialise late. In this run"
    if len(heads.steps) < 2 or not heads.pairs:
        return f"{claim} there are not two snapshots to compare yet."
    far, alike = heads.distance.mean(axis=1), heads.correlation.mean(axis=1)
    course = f"over the run their distance goes from {_two_digits(far[0])} to {_two_digits(far[-1])} (unrelated outputs: 1.41)"
    errors = f"and the correlation of their errors from {_two_digits(alike[0])} to {_two_digits(alike[-1])}."
    if heads.third is None and far[-1] < far[0]:
        return f"{claim} they **grow more alike**, by {far[0] - far[-1]:.2f}: {course}, {errors}"
    if heads.third is None:
        return f"{claim} they **hardly grow apart** in any third: {course}, {errors}"
    return f"{claim} they grow apart most **{heads.third}**, by {heads.growth.max():.2f} in that third; {course}, {errors}"


def gate_sentence(gate: Gating) -> str:
    """Return how the gate changed."""
    if not len(gate.steps):
        return "**Gate.** The fusion gate is not trained yet."
    return (
        f"**Gate.** Its mean goes from {gate.mean[0]:.3f} to {gate.mean[-1]:.3f} (1 takes stage 1, 0 takes stage 2). At the last snapshot "
        f"{gate.near_0[-1]:.1%} of its values are under 0.1 and {gate.near_1[-1]:.1%} over 0.9; at the first it was "
        f"{gate.near_0[0]:.1%} and {gate.near_1[0]:.1%}."
    )


def scores_sentence(scores: ScoreCourse, names: tuple[str, ...], *, is_classes: bool) -> str:
    """Return the lowest and the highest score at the last snapshot. R² is 1 minus the squared error over the variance."""
    each = scores.each[-1] if is_classes else 1 - scores.each[-1]
    known = [(value, name) for value, name in zip(each.tolist(), names, strict=True) if math.isfinite(value)]
    what = "Recall" if is_classes else "R², where 0 is as good as predicting the mean,"
    lowest, highest = (f"{value:.2f} for {plain(name)}" for value, name in (min(known), max(known)))
    if len(known) == 1:
        return f"**Scores.** {what} at the last snapshot: {lowest}."
    return f"**Scores.** {what} at the last snapshot: {lowest} (lowest) to {highest} (highest)."


def left_out_sentence(steps: tuple[int, ...], *, kept: int) -> str:
    """Return which snapshots are left out because the model had diverged. `kept` counts the others."""
    count = len(steps) + kept
    which = f"{len(steps)} of {count} snapshots, the first at step {steps[0]:,}, {'is' if len(steps) == 1 else 'are'}"
    if not kept:
        which = f"All {count} snapshots, from step {steps[0]:,} on, are" if count > 1 else f"The only snapshot, at step {steps[0]:,}, is"
    return (
        f"{which} left out: the model had diverged, and its attention or outputs were no longer finite numbers. "
        f"{'There is nothing to show. ' if not kept else ''}Train again with a lower learning rate, or with gradients clipped."
    )


def _settles(number: int, layer: Settling, last: int) -> str:
    at = layer.settled_at
    since = f", trained from step {layer.steps[0]:,} on" if layer.steps[0] > 0 else ""
    if at is None:
        return f"layer {number} **hardly changes**{since}: its maps are never further than {layer.largest:.3f} from the last ones"
    if at == layer.steps[-1]:
        return (
            f"layer {number} **has not settled** by step {at:,}{since}: up to the snapshot before, its maps are further than a tenth of "
            f"their largest distance ({layer.largest:.3f}) from the last ones"
        )
    return (
        f"layer {number} settles **{third_of(at / last)}**{since}: from step {at:,} of {last:,} ({at / last:.0%}) on its maps stay within "
        f"a tenth of their largest distance from the last ones ({layer.largest:.3f})"
    )


def _two_digits(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "unknown"


def show_dynamics(run: Run) -> None:
    """Draw how the model changed during training. It does not poll, so that the replay is not redrawn while it plays."""
    st.header("Inside, while it learned")
    _draw(run.key)


@st.fragment
def _draw(key: str) -> None:
    with errors_shown(), st.container(key="view-dynamics"):
        run = find_run(key)
        dynamics = dynamics_of(run)
        if dynamics is None:
            _show_nothing(run)
            return
        if dynamics.left_out:
            st.warning(left_out_sentence(dynamics.left_out, kept=len(dynamics.snapshots)), icon="🔎")
        if dynamics.snapshots:
            _show_findings(run, dynamics)
            _offer_replay(run, dynamics)


def _show_nothing(run: Run) -> None:
    if run.is_under_way and run.plan.training.snapshots:
        st.caption("There is no snapshot yet; the first one is taken when the first step begins.")
        st.button("Refresh", key="train_dynamics_again", icon="🔄")
    else:
        st.info(
            "This run has no snapshots: it was made with Snapshots at 0, or by a version without them. Train again with Snapshots at 30 "
            "under More settings to replay the training here.",
            icon="🎞️",
        )


def _show_findings(run: Run, dynamics: Dynamics) -> None:
    if run.is_under_way:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Refresh", key="train_dynamics_again", icon="🔄", help="Reads the snapshots taken since then.")
            st.caption(
                f"The run is under way: all this is from its {len(dynamics.snapshots)} snapshots up to step {dynamics.last:,}, and early, "
                f"middle and late are thirds of what is done so far."
            )
    st.markdown(attention_sentence(dynamics.settling, dynamics.last))
    st.markdown(heads_sentence(dynamics.specialising))
    st.markdown(gate_sentence(dynamics.gating))
    probes = dynamics.probes
    caption(
        run=run.plan.name,
        snapshots=f"{len(dynamics.snapshots)} from step 0 to {dynamics.last:,}, closer together at first",
        attention_and_gate=f"of {len(probes.windows)} windows of the {probes.part} part",
        heads_and_scores=f"of {len(probes.evaluated)} windows of the {probes.part} part",
        model="in evaluation mode, without dropout",
        computed="on the CPU, from the run's snapshots",
    )


def _offer_replay(run: Run, dynamics: Dynamics) -> None:
    if not st.toggle("Play it, snapshot by snapshot", key="train_dynamics_film"):
        return
    dataset = data_behind(run)
    if dataset is not None and int(dynamics.probes.windows.max()) >= len(dataset.windows):  # a run from elsewhere may say anything
        dataset = None
    step = _show_replay(run, dynamics, dataset) if dynamics.settling else None
    if step is None:
        st.caption("There are no maps to play: no attention layer is trained.")
    names = output_names(run, dynamics, dataset)
    st.markdown(scores_sentence(dynamics.scores, names, is_classes=run.plan.roles.task == "classes"))
    draw_figures(run, dynamics, names=names, step=step)


def _show_replay(run: Run, dynamics: Dynamics, dataset: Dataset | None) -> int:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    places = range(len(dynamics.probes.windows))
    labels = [window_label(dynamics, place, dataset) for place in places]  # a select box shows no Markdown
    place = left.selectbox("Window", places, key=f"train_dynamics_window_{run.key}", format_func=labels.__getitem__)
    layers = range(len(dynamics.settling))
    layer = right.selectbox("Attention layer", layers, key=f"train_dynamics_layer_{run.key}", format_func=lambda one: str(one + 1))
    step = replay_canvas(
        film_of(dynamics, place, layer),
        scenery_of(dynamics, place, dataset),
        file_name=file_name(f"train_{run.key}-window_{dynamics.probes.windows[place]}-snapshots"),
        component_key=f"train_dynamics_canvas_{run.key}",
    )
    if dataset is None:
        st.caption(
            f"{plain(run.plan.data_name)} is not open here, or has changed: without it the series is not drawn. Open it on the Start page."
        )
    cell = dynamics.probes.cell
    caption(
        method="softmax(Q K^T / sqrt d) as the forward pass uses it",
        cells=f"of {cell} steps: summed over the keys, averaged over the queries" if cell > 1 else "",
        precision="half, as stored",
        window=labels[place],
    )
    reading(
        "Play, or move the slider with the mouse or the arrow keys; each map is one attention head, a row is a step that attends, its "
        "bright cells are the steps it takes from.",
        "On one colour range the untrained maps look empty, though they hold as much weight as later ones: it is spread evenly. "
        "And attention may settle only because the learning rate goes to zero.",
    )
    return step
