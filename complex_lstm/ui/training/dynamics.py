"""Inside, while it learned: a run's moments to be played, and what the document claims of them beside what they show."""

from __future__ import annotations

import streamlit as st

from complex_lstm.data import Dataset
from complex_lstm.runs import Run
from complex_lstm.ui.messages import caption, errors_shown, plain, reading
from complex_lstm.ui.moments_canvas import moments_canvas
from complex_lstm.ui.training.dynamics_figures import draw_figures
from complex_lstm.ui.training.dynamics_words import attention_sentence, gate_sentence, heads_sentence, left_out_sentence, scores_sentence
from complex_lstm.ui.training.inside import Inside, data_behind, film_of, inside_of, output_names, scenery_of, window_label
from complex_lstm.ui.training.runs import find_run


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
    step = moments_canvas(
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
