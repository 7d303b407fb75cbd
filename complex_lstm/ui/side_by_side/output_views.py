"""What comes out: the prediction, and the ensemble heads, of both sides."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from complex_lstm.figures.side_by_side import side_by_side_bars
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.messages import caption, change, plain, reading, shown
from complex_lstm.ui.side_by_side.pair import Pair, Side


def show_prediction(page: str, pair: Pair) -> None:
    """Draw both predictions: probabilities of the classes, or values in the file's units."""
    if not comparable(pair):
        return
    scene, before, after = pair.first.scene, pair.first.predicted, pair.second.predicted
    if scene.is_classes:
        chart = side_by_side_bars(
            before[None], after[None], names=scene.outputs, groups=("probability",), labels=pair.labels, axis="probability", title=""
        )
        st.plotly_chart(chart, key=f"{page}_prediction", alt="The probability of each class on both sides, and the difference")
        first, second = (scene.outputs[int(said.argmax())] for said in (before, after))
        same = "the same class" if first == second else "another class"
        st.markdown(f"Predicted left: **{plain(first)}**, right: **{plain(second)}**, {same}.")
    else:
        _show_values(page, pair)
    learned = "change since the last step" if scene.dataset.window.as_change else "value"
    model_scale = "" if scene.is_classes else f"each target's {learned}, in standard deviations from its training mean"
    caption(**pair.facts, actual=_actual(pair), model_scale=model_scale)
    reading(
        "Left and right stand on one scale; the difference is right minus left.",
        "A probability near 0 or 1 hardly moves whatever happens inside: see the ensemble heads, which speak before the softmax."
        if scene.is_classes
        else "A value moves in its own unit: what is much for one target is little for another.",
    )


def _show_values(page: str, pair: Pair) -> None:
    scene = pair.first.scene
    said = [side.trace.prediction.numpy() for side in (pair.first, pair.second)]
    figure = side_by_side_bars(*said, names=scene.outputs, groups=("output",), labels=pair.labels, axis="output (model's scale)", title="")
    st.plotly_chart(figure, key=f"{page}_prediction", alt="The prediction of each target on both sides, and the difference")
    left, right = pair.first.predicted, pair.second.predicted
    units = [scene.dataset.schema.unit(name) for name in scene.outputs]
    frame = pd.DataFrame({"target": scene.outputs, "unit": units, "left": left, "right": right, "difference": right - left})
    if pair.kind != "window":  # between windows the level moves, which a change is no measure for
        spread = np.array(scene.dataset.scaling.target_std)
        frame[f"in standard deviations of {'its change' if scene.dataset.window.as_change else 'the target'}"] = (right - left) / spread
    st.dataframe(_in_digits(scene, frame), hide_index=True, key=f"{page}_values", alt="Predicted values on both sides")


def _in_digits(scene: Scene, frame: pd.DataFrame) -> Styler:
    """Return the table with the digits of each target's unit, the same for left, right and difference."""
    table = frame.style.format(partial(change, places=3), subset=list(frame.columns[5:]))
    for row in range(len(frame)):
        table.format(partial(shown, scene, row), subset=pd.IndexSlice[row, ["left", "right"]])
        table.format(partial(shown, scene, row, sign=True), subset=pd.IndexSlice[row, ["difference"]])
    return table


def show_heads(page: str, pair: Pair) -> None:
    """Draw what each ensemble head says, and the combined output, in the model's own scale."""
    if not comparable(pair):
        return
    both = [
        np.concatenate([side.trace.ensemble_head_outputs[0].numpy(), side.trace.prediction.numpy()]) for side in (pair.first, pair.second)
    ]
    groups = (*(f"ensemble head {member + 1}" for member in range(len(both[0]) - 1)), "combined")
    figure = side_by_side_bars(
        both[0], both[1], names=pair.first.scene.outputs, groups=groups, labels=pair.labels, axis="output (model's scale)", title=""
    )
    st.plotly_chart(figure, key=f"{page}_heads", alt="What each ensemble head says on both sides, and the difference")
    caption(**pair.facts, unit="logits" if pair.first.scene.is_classes else "the model's scaled output")
    reading(
        "One bar a head for each output, and the combiner's; a head whose bars stay does not hear of the difference.",
        "Only the combined output was trained: heads can move against each other and leave it where it is.",
    )


def _actual(pair: Pair) -> str:
    sides = (pair.first, pair.second) if pair.kind == "window" else (pair.first,)
    return " and ".join(dict.fromkeys(_known(side) for side in sides))


def _known(side: Side) -> str:
    scene, windows = side.scene, side.scene.dataset.windows
    if scene.is_classes:
        return str(windows.label[scene.number]) or "unknown"
    actual = windows.actual[scene.number]
    said = ("unknown" if np.isnan(one) else shown(scene, place, one) for place, one in enumerate(actual))
    return ", ".join(f"{name} {one}" for name, one in zip(scene.outputs, said, strict=True))


def comparable(pair: Pair) -> bool:
    """Return whether both sides predict the same things; if not, say so."""
    if not pair.same_outputs:
        left, right = (", ".join(side.scene.outputs) for side in (pair.first, pair.second))
        st.info(
            f"The two models predict different things ({plain(left)} and {plain(right)}), so their outputs have no difference.", icon="🤷"
        )
    return pair.same_outputs
