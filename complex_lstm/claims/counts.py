"""The statements that are counted: shapes, parameters, elements, orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import log2

from complex_lstm.claims.claim import Claim, Finding, Judge, Place
from complex_lstm.claims.facts import FULL, full_size, shapes
from complex_lstm.claims.judging import count, fact
from complex_lstm.claims.stored import Stored
from complex_lstm.config import ModelConfig
from complex_lstm.profiling import KINDS, Kind, Size, activation_bytes, count_size
from complex_lstm.profiling.counting import (
    BYTES,
    STATED_BATCH,
    STATED_BILSTM_PARAMETERS,
    STATED_ELEMENTS,
    STATED_MEMORY,
    STATED_PARAMETERS,
    STATED_STEPS,
)
from complex_lstm.profiling.scaling import Axis, products_of

STATED_PARTS: dict[Kind, int] = {
    "Input projection": 2_304,
    "Convolutions": 200_000,
    "BiLSTM blocks": STATED_BILSTM_PARAMETERS,
    "Attention layers": 500_000,
    "Ensemble": 600_000,
}
NAMES: dict[Kind, str] = {
    "Input projection": "the input projection",
    "Convolutions": "the convolutions",
    "BiLSTM blocks": "the BiLSTM blocks",
    "Attention layers": "the attention layers",
    "Ensemble": "the ensemble heads",
}
STATED_SHAPES = {
    "the input projection gives": ("projected", (8, 50, 256)),
    "adding positions leaves": ("encoded", (8, 50, 256)),
    "convolution stage 1 gives": ("conv1", (8, 50, 256)),
    "convolution stage 2 gives": ("conv2", (8, 50, 256)),
    "the fusion gate gives": ("fused", (8, 50, 256)),
    "the first BiLSTM block gives": ("lstm[0]", (8, 50, 256)),
    "the second block with attention gives": ("attended[0]", (8, 50, 256)),
    "the third block gives": ("lstm[2]", (8, 50, 256)),
    "the fourth block with attention gives": ("attended[1]", (8, 50, 256)),
    "the mean pool gives": ("pooled_mean", (8, 256)),
    "the max pool gives": ("pooled_max", (8, 256)),
    "the last step gives": ("pooled_last", (8, 256)),
    "three ensemble heads give": ("ensemble_head_outputs", (8, 3, 3)),
    "the combiner and the scale give": ("prediction", (8, 3)),
}
AT_ONCE = {"batch": STATED_BATCH, "time": STATED_STEPS}
IN_A_PASS = "A pass of the document's batch through a model of 32 channels, each counted as eight."
COUNTED = "Counted on the model's tensors at full size, without allocating them. A round number holds within 20%."
ELEMENTS = "Counted for 8 windows of 50 steps at full size."
POWERS = (
    "The power of the multiply-adds between 64 and 128 times the full size along one axis, counted; within 0.25 of the stated one holds. "
    "Measured times stand above on this page."
)


def count_claims() -> tuple[Claim, ...]:
    """Return the claims that are counted, in the order of the document."""
    return (*_shapes(), *_parameters(), *_elements(), *_orders())


def _shapes() -> list[Claim]:
    rows = [
        Claim("Complete Data Flow", f"{what} {' x '.join(map(str, stated))}", "count", IN_A_PASS, _shape(site, stated))
        for what, (site, stated) in STATED_SHAPES.items()
    ]
    pooled = sum(shapes()[name][-1] for name in ("pooled_mean", "pooled_max", "pooled_last"))
    rows.insert(
        -2, Claim("Complete Data Flow", "the three pools together are 8 x 768", "count", IN_A_PASS, count(768, pooled, "values", within=0))
    )
    return rows


def _shape(site: str, stated: tuple[int, ...]) -> Judge:
    return lambda stored: fact(shapes()[site] == stated, " x ".join(map(str, shapes()[site])))(stored)


def _parameters() -> list[Claim]:
    counted = full_size()
    section = "Parameter Count"
    rows = [
        Claim(
            section, f"{NAMES[kind]} {'has' if kind == 'Input projection' else 'have'} about {stated:,} parameters", "count", COUNTED,
            count(stated, counted.of_kind(kind), "parameters"), here=_of_kind(kind),
        )
        for kind, stated in STATED_PARTS.items()
    ]  # fmt: skip
    matrix = FULL.input_dim * FULL.hidden_dim
    rows[0] = Claim(
        section, "the input projection has 2,304 parameters", "count",
        f"{COUNTED} Its matrix alone has {matrix:,}; bias and LayerNorm have more.",
        count(STATED_PARTS["Input projection"], counted.of_kind("Input projection"), "parameters"), here=_of_kind("Input projection"),
    )  # fmt: skip
    whole = f"about {STATED_PARAMETERS / 1e6:.1f} million parameters in all"
    summed = sum(STATED_PARTS.values())
    return [
        *rows,
        Claim(
            section, whole, "count", COUNTED, count(STATED_PARAMETERS, counted.parameters, "parameters"),
            here=lambda config: f"{count_size(config).parameters:,} parameters",
        ),
        Claim(section, "its parts add up to its total", "count", "Added up as stated.",
              count(STATED_PARAMETERS, summed, "in the stated parts")),
    ]  # fmt: skip


def _of_kind(kind: Kind) -> Callable[[ModelConfig], str]:
    return lambda config: f"{count_size(config).of_kind(kind):,} parameters"


def _elements() -> list[Claim]:
    section = "Memory Requirements"
    given, hidden, maps = (8, 50, FULL.input_dim), shapes()["projected"], shapes()["attention[0]"]
    values = activation_bytes(FULL, **AT_ONCE) // BYTES

    def of(shape: tuple[int, ...]) -> int:
        size = 1
        for length in shape:
            size *= length
        return size

    def every(config: ModelConfig) -> str:
        return f"{activation_bytes(config, **AT_ONCE) // BYTES:,} values for 8 windows of 50 steps"

    both = of(maps) * sum(name.startswith("attention") for name in shapes())
    return [
        Claim(section, "the input has 3,600 elements", "count", ELEMENTS, count(3_600, of(given), "elements", within=0)),
        Claim(
            section, "the hidden states have 102,400 elements", "count",
            f"{ELEMENTS} Those of one part of the model; a trace keeps one after each.",
            count(102_400, of(hidden), "elements after one part", within=0),
        ),
        Claim(
            section, "the attention matrices have 160,000 elements", "count", f"{ELEMENTS} Those of one layer; there are two.",
            count(160_000, both, "elements in both layers", within=0),
        ),
        Claim(
            section, "about 500,000 elements in all", "count", f"{ELEMENTS} All values of a trace.",
            count(STATED_ELEMENTS, values, "values"), here=every,
        ),
        Claim(
            section, "500,000 elements are about 2 MB", "count", "Four bytes an element.",
            count(STATED_MEMORY, STATED_ELEMENTS * BYTES, "bytes"),
        ),
    ]  # fmt: skip


def _orders() -> list[Claim]:
    section = "Computational Complexity"
    rows: list[tuple[str, Kind | None, dict[Axis, int]]] = [
        ("the input projection grows linearly with batch, steps and channels", "Input projection", {"batch": 1, "time": 1, "hidden": 1}),
        ("convolutions grow linearly with the channels", "Convolutions", {"hidden": 1}),
        ("convolutions grow linearly with batch and steps", "Convolutions", {"batch": 1, "time": 1}),
        (
            "the LSTM grows linearly with batch and steps, with the square of the channels",
            "BiLSTM blocks",
            {"batch": 1, "time": 1, "hidden": 2},
        ),
        ("attention grows with the square of the steps", "Attention layers", {"batch": 1, "time": 2}),
        ("attention grows linearly with the channels", "Attention layers", {"hidden": 1}),
        ("the whole grows linearly with batch and steps, with the square of the channels", None, {"batch": 1, "time": 1, "hidden": 2}),
    ]
    return [
        Claim(section, claim, "cost", POWERS, _powers(kind, stated), where=Place("about", "Time, on this page"))
        for claim, kind, stated in rows
    ]


NEAR, FIRST, SECOND = 0.25, 64, 128
WORDS: dict[Axis, str] = {"batch": "batch", "time": "steps", "hidden": "channels"}


def counted_power(kind: Kind | None, axis: Axis) -> float:
    """Return the power with which the multiply-adds of a kind of part, or of all, grow between 64 and 128 times the full size."""
    own = Size(STATED_STEPS, FULL.hidden_dim, STATED_BATCH)
    one, two = (products_of(FULL, replace(own, **{axis: times * getattr(own, axis)})) for times in (FIRST, SECOND))
    place = None if kind is None else KINDS.index(kind)
    first, second = (sum(each) if place is None else each[place] for each in (one, two))
    return log2(second / first)


def _powers(kind: Kind | None, stated: dict[Axis, int]) -> Judge:
    def judge(stored: Stored) -> Finding:
        found = {axis: counted_power(kind, axis) for axis in stated}
        words = ", ".join(f"power {power:.2f} with {WORDS[axis]}" for axis, power in found.items())
        return fact(all(abs(found[axis] - power) <= NEAR for axis, power in stated.items()), words)(stored)

    return judge
