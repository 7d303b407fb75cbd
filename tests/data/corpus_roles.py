"""Files whose columns mislead by their names or their values, with the role that each must get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

ROWS = 600
RANDOM = np.random.default_rng(11)
STEP = np.arange(ROWS)
NOISE = RANDOM.standard_normal((6, ROWS)).round(4)
A, B, C, D, E, F = NOISE
HOURS = pd.date_range("2024-02-01", periods=ROWS, freq="h")
STATES = (STEP // 40) % 2  # 0 and 1, forty rows each


@dataclass(frozen=True)
class RolesFile:
    """A file and what must be guessed of it; `out` are columns that no model may see, with words that the reason must have."""

    name: str
    content: bytes
    features: tuple[str, ...]
    targets: tuple[str, ...]
    task: str
    time: str = ""
    series: str = ""
    out: tuple[tuple[str, str], ...] = ()
    one_hot: tuple[str, ...] = ()


def file(
    name: str,
    columns: dict[str, Sequence[object]],
    features: Sequence[str],
    target: str,
    *,
    task: str = "values",
    out: dict[str, str] | None = None,
    **more: object,
) -> RolesFile:
    content = pd.DataFrame(columns).to_csv(index=False).encode()
    return RolesFile(name, content, tuple(features), (target,), task, out=tuple((out or {}).items()), **more)  # type: ignore[arg-type]


def corpus() -> tuple[RolesFile, ...]:
    """Return the files."""
    when = {"when": HOURS.strftime("%Y-%m-%d %H:%M")}
    wind = np.array(["N", "NE", "E", "SW", "calm"])[RANDOM.integers(0, 5, ROWS)]
    ids = RANDOM.permutation(10_000)[:ROWS]
    recordings = np.repeat([f"r{number}" for number in range(30)], 20)
    kinds = np.repeat(np.array(["walk", "run", "rest"])[np.arange(30) % 3], 20)
    ramp = np.sort(RANDOM.uniform(10, 30, ROWS)).round(4)
    many = RANDOM.integers(0, 500, 5000)
    return (
        file("T is a temperature", {"T": 20 + A, "p": B, "Tdew": C}, ["T", "p", "Tdew"], "Tdew"),
        file("t is a torque beside a date", {**when, "t": A, "power": B}, ["t", "power"], "power", time="when"),
        file("time named x", {"x": STEP * 0.02, "force": A, "load": B}, ["force", "load"], "load", time="x"),
        file("step within recordings", {"recording": recordings, "step": np.tile(np.arange(20), 30), "ax": A, "ay": B, "gesture": kinds},
             ["ax", "ay"], "gesture", task="classes", time="step", series="recording"),
        file("wind direction", {**when, "speed": A, "direction": wind, "power": B}, ["speed", "power"], "power", time="when",
             out={"direction": "one for each value"}, one_hot=("direction",)),
        file("wind direction last", {**when, "speed": A, "temp": C, "cbwd": wind}, ["speed", "temp"], "temp", time="when",
             out={"cbwd": "one for each value"}, one_hot=("cbwd",)),
        file("quality flag as text", {**when, "level": A, "flag": np.where(B > 1, "bad", "good")}, ["level"], "level", time="when",
             one_hot=("flag",)),
        file("notes", {**when, "level": A, "note": ["" if n % 97 else f"checked by {n}" for n in STEP]}, ["level"], "level", time="when",
             out={"note": "Left out"}),
        file("empty columns", {**when, "level": A, "x1": [""] * ROWS, "x2": [""] * ROWS}, ["level"], "level", time="when",
             out={"x1": "no value", "x2": "no value"}),
        file("anomaly and changepoint", {**when, "a": A, "b": B, "anomaly": (C > 1) * 1.0, "changepoint": (D > 2) * 1.0}, ["a", "b"],
             "anomaly", task="classes", time="when", out={"changepoint": "another label"}),
        file("is_anomaly", {**when, "a": A, "b": B, "is_anomaly": C > 1.5}, ["a", "b"], "is_anomaly", task="classes", time="when"),
        file("isAnomaly and outlier", {**when, "a": A, "isAnomaly": (C > 1) * 1, "outlier": (D > 1) * 1}, ["a"], "outlier",
             task="classes", time="when", out={"isAnomaly": "another label"}),
        file("fault", {**when, "a": A, "b": B, "fault": STATES}, ["a", "b"], "fault", task="classes", time="when"),
        file("attack in words", {**when, "flow": A, "b": B, "ATTACK": np.where(STATES, "Attack", "Normal")}, ["flow", "b"], "ATTACK",
             task="classes", time="when"),
        file("label and event", {**when, "a": A, "event": (D > 1) * 1, "label": (C > 1) * 1}, ["a"], "label", task="classes", time="when",
             out={"event": "another label"}),
        file("failure beside status", {**when, "a": A, "status": np.where(B > 0, "on", "off"), "failure": (C > 1) * 1}, ["a"], "failure",
             task="classes", time="when", out={"status": "another label"}),
        file("machine status alone", {**when, "a": A, "b": B, "machine_status": np.where(STATES, "NORMAL", "BROKEN")}, ["a", "b"],
             "machine_status", task="classes", time="when"),
        file("five hundred integer labels", {"a": RANDOM.standard_normal(5000).round(3), "label": many}, ["a"], "label", task="classes"),
        file("classes first", {"class": STATES, "a": A, "b": B}, ["a", "b"], "class", task="classes"),
        file("a lasting state without a name", {**when, "a": A, "b": B, "what": np.where(STATES, "idle", "busy")}, ["a", "b"], "what",
             task="classes", time="when"),
        file("row numbers", {"No": STEP + 1, **when, "a": A, "load": B}, ["a", "load"], "load", time="when", out={"No": "counts the rows"}),
        file("an exported index", {"": STEP, **when, "a": A, "load": B}, ["a", "load"], "load", time="when"),
        file("ids", {"uid": ids, **when, "a": A, "load": B}, ["a", "load"], "load", time="when", out={"uid": "names things"}),
        file("window numbers", {**when, "new_window": np.where(STEP % 25, "no", "yes"), "num_window": STEP // 5, "a": A,
                                "classe": np.where(STATES, "A", "B")}, ["a"], "classe", task="classes", time="when",
             out={"num_window": "never falls"}, one_hot=("new_window",)),
        file("raw time stamps", {"raw_timestamp": HOURS.as_unit("s").asi8, "cvtd_timestamp": HOURS.strftime("%d/%m/%Y %H:%M"), "a": A,
                                 "price": B}, ["a", "price"], "price", time="cvtd_timestamp", out={"raw_timestamp": "beside the time"}),
        file("date parts", {**when, "hour": HOURS.hour, "weekday": HOURS.day_of_week, "a": A, "demand": B}, ["a", "demand"], "demand",
             time="when", out={"hour": "the hour of the row's time", "weekday": "the weekday of the row's time"}),
        file("date parts by other names", {**when, "hr": HOURS.hour + 1, "dow": HOURS.day_of_week + 1, "yr": HOURS.year, "cnt": A}, ["cnt"],
             "cnt", time="when", out={"hr": "the hour", "dow": "the weekday", "yr": "never changes"}),
        file("hour is no series", {"date": HOURS.strftime("%Y-%m-%d"), "hour": HOURS.hour, "load": A}, ["load"], "load", time="date hour",
             out={"hour": "a part of the time", "date": "a part of the time"}),
        file("a counter", {**when, "total": ramp, "a": A, "load": B}, ["a", "load"], "load", time="when", out={"total": "never falls"}),
        file("the target in another unit", {**when, "celsius": A, "power_kw": B, "watts": (1000 * B).round(1)}, ["celsius", "power_kw"],
             "power_kw", time="when", out={"watts": "copies the target"}),
        file("codes of the label", {**when, "a": A, "b": B, "code": STATES + 3, "activity": np.where(STATES, "up", "down")}, ["a", "b"],
             "activity", task="classes", time="when", out={"code": "goes with one activity"}),
        file("kinds of fault", {**when, "a": A, "fault_code": np.where(STATES, 1 + STEP % 3, 0), "fault": STATES}, ["a"], "fault",
             task="classes", time="when", out={"fault_code": "another label"}),
        file("a constant", {**when, "a": A, "site": [7] * ROWS, "load": B}, ["a", "load"], "load", time="when",
             out={"site": "never changes"}),
        file("a split column", {**when, "a": A, "is_train": (STEP < 400) * 1, "load": B}, ["a", "load"], "load", time="when",
             out={"is_train": "split into training"}),
        file("stations side by side", {"time": np.repeat(HOURS[:200].strftime("%Y-%m-%d %H:%M"), 3), "station": ["x", "y", "z"] * 200,
                                       "a": A, "temp": B}, ["a", "temp"], "temp", time="time", series="station"),
        file("numbered sensors", {"time": np.repeat(HOURS[:200].strftime("%Y-%m-%d %H:%M"), 3), "sensor": [1, 2, 3] * 200, "a": A,
                                  "value": B}, ["a", "value"], "value", time="time", series="sensor"),
    )  # fmt: skip
