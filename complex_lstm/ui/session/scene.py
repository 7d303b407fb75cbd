"""From the selection to the data, model and window that a page shows, or to an empty state with the next step.

Also their names on the screen, and the deciding cells of the synthetic samples, where they are known.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache as cached

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.config import ModelConfig, to_json
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.inference import in_data_terms, window_frame
from complex_lstm.interpretation.ground_truth import true_cells
from complex_lstm.languages import _, mark, spoken
from complex_lstm.locations import PAGES
from complex_lstm.model import Checkpoint
from complex_lstm.profiling.counting import count_size
from complex_lstm.samples import SAMPLES, shipped_models
from complex_lstm.ui.compute import cache, trained_on
from complex_lstm.ui.compute.attention import AT_ONCE, TRACE_JOB, expected_trace_seconds, trace_function
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.jobs import job_queue
from complex_lstm.ui.compute.scene import Scene, Setup
from complex_lstm.ui.compute.sources import find_source
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.fitting_form import fitting_form
from complex_lstm.ui.session.many_columns import listed
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.roles_form import bare_form
from complex_lstm.ui.session.state import Selection, choose, current, end_page
from complex_lstm.workspace import Kind

UPLOADS, MODELS = "session_uploads", "session_models"
SERIOUS = ("unit", "swapped", "time step", "far", "missing")  # kinds of mismatch that make every prediction doubtful
WAY_BACK = "session_way_back"  # what was open before data that the model does not fit


def open_scene(show_model: Callable[[str], None] | None = None, *, explains: bool = True) -> Scene:
    """Return the data, model and window of the selection; where one is missing draw what there is, the next step, and end the run.

    `show_model` draws a model that is open without data, by its key. A page that `explains` the window ends here too where the window
    has no prediction.
    """
    selection = current()
    if not selection.opened.data:
        if selection.opened.model and show_model:
            show_model(selection.opened.model)
        else:
            offer_samples()
        end_page()
    end_unreadable(selection)
    if not selection.opened.model:
        name = plain(cache.table(selection.opened.data).name)
        st.info(f"No model is open for {name}. Train a small one on the Train page, or load a checkpoint on the Start page.", icon="🧠")
        st.page_link(page("train"), label="Go to the Train page", icon="🏋️")
        end_page()
    if not cache.fits(selection.opened.data, selection.opened.model, selection.opened.setup):
        show_misfit(selection)
        end_page()
    if not is_ready(selection):
        _ask_meaning(selection)
        end_page()
    scene = chosen_scene(selection)
    if scaling_note(scene):
        st.warning(
            f"{plain(model_name(selection.opened.model))} is a file of weights without means and deviations, so the inputs are scaled by "
            f"those of this file. Predictions are right only as far as this file is like the one that the model was trained on.",
            icon="📏",
        )
        st.page_link(page("data"), label="Give its means and deviations on the Data page", icon="📄")
    show_mismatch(scene)
    if scene.temperature != 1:
        st.caption(f"🌡️ {describe_temperature(scene)}")
    if explains:
        _trace_on_request(scene)
    if explains and not has_output(scene):
        show_no_prediction(scene)
        end_page()
    return scene


def _trace_on_request(scene: Scene) -> None:
    """Run the model on a very long window only when a button is pressed, with the time told before, and end the page until it has."""
    steps = len(scene.times)
    if steps <= AT_ONCE:
        return
    key = scene.keys, scene.number
    known = job_queue().find((TRACE_JOB, key))
    if known is None or known.state != "done":
        seconds = expected_trace_seconds(scene)
        st.info(
            f"Window {scene.number} has {steps:,} steps. One pass of the model over it takes about "
            f"{f'{seconds:.0f} s' if seconds < 90 else f'{seconds / 60:.0f} min'} here, and each method of explanation many passes; "
            "both can be stopped at any time.",
            icon="⏳",
        )
    job = job_on_request(TRACE_JOB, key, trace_function(*key), label="Run the model on this window")
    if job is None or job.state != "done":
        end_page()
    if job is not known:
        st.rerun()


def end_unreadable(selection: Selection) -> None:
    """Where the open file cannot be read as it is, say why, with the way to the page that mends it, and end the page."""
    found = cache.examination(selection.opened.data)
    if found.table is None:
        st.error(plain(found.fault.message if found.fault else "The file holds no table."), icon="⚠️")
        st.page_link(page("data"), label=_("Change how it is read on the Data page"), icon="📄")
        end_page()


def show_mismatch(scene: Scene) -> None:
    """Say in one line where the file is not like the training data, with a link to the Data page, which offers what mends it."""
    found = [one for one in trained_on.mismatches(*scene.keys[:3]) if one.kind in SERIOUS]
    if not found:
        return
    more = f" And {len(found) - 1} more such difference{'s' if len(found) > 2 else ''}." if len(found) > 1 else ""
    st.warning(f"**The file is not like the training data.** {plain(found[0].brief)}{more}", icon="📐")
    st.page_link(page("data"), label="See what differs, and mend it, on the Data page", icon="📄")


def has_output(scene: Scene) -> bool:
    """Return whether the model's outputs for the window are finite numbers: without, there is no prediction and nothing to explain."""
    return bool(np.isfinite(predicted_values(scene)).all())


def show_no_prediction(scene: Scene) -> None:
    """Say that the window has no prediction, which of its cells is furthest from training, and what to do."""
    sizes = np.abs(scene.inputs)
    step, feature = np.unravel_index(int(sizes.argmax()), sizes.shape)
    st.error(
        f"Window {scene.number} has no prediction: the model's output is not a finite number, because its arithmetic overflows. There is "
        f"nothing to explain. Its cell furthest from training is {plain(scene.features[feature])} at step {step}, "
        f"{sizes[step, feature]:.3g} standard deviations from the mean: if that is a mistake, correct it in the file. If it is not, the "
        f"weights are too large: choose another model. Other windows are in the strip above; Check counts those without a prediction.",
        icon="♾️",
    )
    st.page_link(page("check"), label="See on Check how many windows have no prediction", icon="✅")


def is_ready(selection: Selection) -> bool:
    """Return whether data and a model are open that fit, and whose columns are known: a file of weights alone must be told them first."""
    opened = selection.opened
    if not selection.is_open or not cache.is_readable(opened.data) or not cache.fits(opened.data, opened.model, opened.setup):
        return False
    loaded = cache.checkpoint(opened.model)
    if isinstance(loaded, Checkpoint):
        return True
    return bool(opened.setup) and not bare_misfit(opened.data, opened.model, cache.find_setup(opened.setup))


def bare_misfit(data: str, model: str, setup: Setup) -> str:
    """Return in words why a setup does not suit a file of weights alone, "" where it does."""
    schema = cache.prepared_bare(data, setup, to_json(setup)).schema
    return cache.misfit(cache.checkpoint(model), len(schema.roles.features), len(schema.outputs))


def show_misfit(selection: Selection) -> None:
    """Say which columns the chosen model misses in the open file, and offer the ways on. The model stays chosen."""
    opened = selection.opened
    loaded, name, file = cache.checkpoint(opened.model), model_name(opened.model), cache.table(opened.data)
    assert isinstance(loaded, Checkpoint)  # weights alone fit any file
    lacking = listed(list(cache.lacking(opened.data, opened.model, opened.setup)))
    st.info(
        _(
            "The model **{model}** stays chosen, but it does not fit **{file}**: it needs {columns}, which the file lacks.",
            model=plain(name),
            file=plain(file.name),
            columns=plain(lacking),
        ),
        icon="🧩",
    )
    with st.container(horizontal=True):
        data, setup = st.session_state.get(WAY_BACK, ("", ""))
        if opened.model in SAMPLES and not data:
            data, setup = opened.model, ""
        if data and data != opened.data:
            back = {"data": data, "setup": setup}
            st.button(_("Back to {data}", data=plain(title_of("data", data))), key="misfit_back", icon="↩️", on_click=choose, kwargs=back)
        offer_models(fitting_models(opened.data), "misfit")
    fitting_form(opened.data, opened.model, opened.setup)
    st.page_link(page("train"), label=_("Train a model on {file}", file=plain(file.name)), icon="🏋️")


def fitting_models(data: str) -> list[str]:
    """Return the models with columns of their own that fit a file: those of this session, then the shipped ones."""
    listed = dict.fromkeys([*still_kept(MODELS), *shipped_models()])
    return [model for model in listed if isinstance(cache.checkpoint(model), Checkpoint) and cache.fits(data, model)]


def offer_models(models: list[str], key: str, on_open: Callable[[str], None] | None = None) -> None:
    """Draw a button for each model that opens it on the open data, or calls `on_open` with its key."""
    for model in models:
        label = _("Open the model {model}", model=plain(model_name(model)))
        st.button(label, key=f"{key}_model_{model}", icon="🧠", on_click=on_open or open_model, args=(model,))


def open_model(model: str) -> None:
    """Open a model on the open data."""
    choose(model=model, setup="")


def keep_way_back() -> None:
    """Remember what is open now, before other data is chosen, for the way back."""
    opened = current().opened
    if opened.data:
        st.session_state[WAY_BACK] = (opened.data, opened.setup)


def _ask_meaning(selection: Selection) -> None:
    """Draw the form that says what a file of weights alone reads, and open the scene when it is filled in."""
    data, model = selection.opened.data, selection.opened.model
    st.header(f"What {plain(model_name(model))} reads")
    before = cache.setup(data, model, selection.opened.setup)
    chosen = bare_form(
        cache.table(data), before, cache.checkpoint(model).model.config, f"{data}_{model}", is_said=bool(selection.opened.setup)
    )
    if chosen is None:
        return
    if words := bare_misfit(data, model, chosen):
        st.info(plain(words), icon="🧩")
        return
    choose(setup=keep_setup(chosen))
    st.rerun()


def chosen_scene(selection: Selection) -> Scene:
    """Return the scene of a selection with data and a model. Without a window it is the first of the test part."""
    opened = selection.opened
    model = cache.at_temperature(opened.model, cache.read_temperature(opened.temperature))
    keys = (opened.data, model, opened.setup, opened.stride or 0)
    made = cache.dataset(*keys)
    unseen = made.windows.of_part("test")
    first = int(unseen[0]) if len(unseen) else 0
    number = first if selection.opened.window is None else min(selection.opened.window, len(made.windows) - 1)
    return Scene(keys, made, cache.checkpoint(model), number)


def describe_temperature(scene: Scene) -> str:
    """Return in words by which temperature the probabilities are calibrated, and where it comes from."""
    own = cache.checkpoint(cache.split_temperature(scene.keys[1])[0])
    given = not isinstance(own, Checkpoint) or own.scaling.temperature != scene.temperature
    whose = "which is set on Check" if given else "which its checkpoint holds"
    return (
        f"Probabilities are calibrated: the logits are divided by a temperature of {scene.temperature:.3g}, {whose}. "
        f"The predicted classes stay the same."
    )


def open_sample(key: str) -> None:
    """Select a sample with its checkpoint."""
    choose(data=key, model=key, setup="")


def open_whole(key: str) -> None:
    """Select a sample with its checkpoint, with no pane or view in focus: where one begins."""
    open_sample(key)
    choose(focus="", view="")


def target_of(scene: Scene) -> int:
    """Return the output that is explained: the selected one, else the predicted class, else the first value."""
    selected = current().explanation.target
    if selected is not None and selected < len(scene.outputs):
        return selected
    return int(cache.window_trace(scene.keys, scene.number).prediction[0].argmax()) if scene.is_classes else 0


def target_label(scene: Scene, output: int) -> str:
    """Return what is explained, in words: a class, a value, or its change since the window's last step."""
    name = scene.outputs[output]
    return f"{name}, as its change since the last step" if not scene.is_classes and scene.dataset.window.as_change else name


def unit_of(scene: Scene, output: int) -> str:
    """Return the unit of an explained output: the target's, or logit for a class."""
    return "logit" if scene.is_classes else scene.dataset.schema.unit(scene.outputs[output]) or scene.outputs[output]


def scaling_note(scene: Scene) -> str:
    """Return a note for a checkpoint that has no scaling, neither its own nor one that was given, else ""."""
    return "scaled on this file, because the checkpoint carries no scaling" if scene.dataset.scaled_by == "this file" else ""


def offer_samples() -> None:
    """Show that nothing is open, and a button for each sample."""
    st.info("Nothing is open yet. Open a sample with its trained model, or upload a CSV on the Data page.", icon="👋")
    with st.container(horizontal=True):
        for sample in SAMPLES.values():
            st.button(f"{sample.icon} {sample.title}", key=f"empty_{sample.key}", on_click=open_sample, args=(sample.key,))


def page(stem: str) -> str:
    """Return the path of a page's file, which is its name in Streamlit."""
    return str(PAGES / f"{stem}.py")


def predicted_values(scene: Scene) -> np.ndarray:
    """Return the window's prediction as probabilities, or in the targets' units."""
    outputs = cache.window_trace(scene.keys, scene.number).prediction.numpy().astype(float)
    return in_data_terms(outputs, scene.dataset, np.array([scene.number]))[0]


def has_known_cells(scene: Scene) -> bool:
    """Return whether it is known for the open data which cells decide."""
    return scene.keys[0] in SAMPLES and SAMPLES[scene.keys[0]].cells.exists()


def known_cells(scene: Scene, number: int | None = None) -> np.ndarray | None:
    """Return which cells of a window decide, (time, feature), or None where this is not known."""
    if not has_known_cells(scene):
        return None
    sample = scene.keys[0]
    cells = cache.remember("known_cells", sample, lambda: pd.read_csv(SAMPLES[sample].cells), most=4)
    return true_cells(cells, scene.dataset, scene.number if number is None else number)


def still_kept(kind: str) -> list[str]:
    """Return this session's uploads or models that nobody has deleted from the workspace in the meantime."""

    def is_kept(key: str) -> bool:
        try:
            title_of("data" if kind == UPLOADS else "model", key)
        except ComplexLSTMError:
            return False
        return True

    return [key for key in st.session_state.get(kind, []) if is_kept(key)]


def add_to_list(kind: str, key: str) -> None:
    """Add an upload or a model to this session's lists, from which the bar offers it."""
    known = st.session_state.setdefault(kind, [])
    if key not in known:
        known.append(key)


PART_NAMES = (mark("training"), mark("validation"), mark("test"))


def describe_window(scene: Scene, *, escaped: bool = True, with_part: bool = True) -> str:
    """Return where a scene's window lies: series, if there are several, times, part. Markdown needs it `escaped`, a canvas does not."""
    row = window_frame(scene.dataset, np.array([scene.number])).iloc[0]
    roles = scene.dataset.schema.roles
    part = {"new": _("new to the model"), "this file": ""}.get(row.part, _("{part} part", part=_(row.part))) if with_part else ""
    series = f"{roles.series} {row.series}, " if roles.series else ""
    is_dated = scene.times.dtype.kind == "M"
    time = "" if is_dated else f"{roles.time or _('step')} "
    first, last = (spoken().dated(str(one)) if is_dated else one for one in (row.first_time, row.last_time))
    zone = f" ({scene.series.zone})" if scene.series.zone else ""
    words = f"{series}{time}{_('{first} to {last}', first=first, last=last)}{zone}{part and ', '}{part}".strip()
    return plain(words) if escaped else words


def title_of(kind: Kind, key: str) -> str:
    """Return the title of a sample, or the name of an upload or a model in the workspace."""
    key = cache.split_temperature(key)[0]
    if key in SAMPLES:
        return SAMPLES[key].title
    return find_source(key).name if kind == "data" else open_workspace().find(kind, key).name


def model_name(key: str) -> str:
    """Return a model's name on the screen."""
    own, temperature = cache.split_temperature(key)
    shipped = " (shipped)" if own in SAMPLES else ""
    return f"{title_of('model', own)}{shipped}{', calibrated' if temperature not in (None, 1) else ''}"


@cached
def size_sentence(model: ModelConfig) -> str:
    """Return the sizes of a model in words, for captions."""
    blocks = f"{model.num_lstm_layers} BiLSTM block{'s' if model.num_lstm_layers > 1 else ''}"
    heads = f"{model.num_heads} attention head{'s' if model.num_heads > 1 else ''}"
    return f"{model.hidden_dim} channels · {blocks} · {heads} · {count_size(model).parameters:,} parameters"
