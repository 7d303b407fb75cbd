"""Whether explanations rank the weather's features as retraining without each of them does: `python -m benchmarks.retraining`.

Every run and every explanation stands in `benchmarks/results/`; what is missing there is made, and with `--again` all is.
The idea is that of ROAR (Hooker et al. 2019), for whole features: what a model cannot do without, it must relearn without.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Float32, Int

from benchmarks.rankings import WITH_ALL, agree, ceiling, correlation, importances, ranks, standard_error
from complex_lstm import Checkpoint, load_checkpoint
from complex_lstm.config import TrainingConfig, WindowConfig
from complex_lstm.data import Dataset, Table, prepare_training, read_csv
from complex_lstm.inference import in_data_terms, predict
from complex_lstm.interpretation import METHODS, explain_frame
from complex_lstm.metrics import ValueScores, score
from complex_lstm.model.batching import BATCH
from complex_lstm.model.device import settle_threads
from complex_lstm.samples import SAMPLES

RESULTS = Path(__file__).resolve().parent / "results"
RUNS, EXPLAINED = RESULTS / "retraining.csv", RESULTS / "retraining_explained.csv"

SEEDS, STRIDE, EPOCHS, HIDDEN = range(6), 3, 3, 32
STRETCHES = 30  # of the test part: each is explained at its middle window
SHUFFLES = 3
PERMUTATION = "permutation"
LEFT_OUT: tuple[str, ...] = ()


@dataclass(frozen=True)
class Forecast:
    """The shipped weather model, its data, and the windows of the test part."""

    table: Table
    shipped: Checkpoint
    dataset: Dataset
    test: Int[np.ndarray, " window"]

    @property
    def features(self) -> tuple[str, ...]:
        return self.shipped.schema.roles.features


def open_forecast() -> Forecast:
    """Return the weather sample, parted, cut and scaled as the shipped model was trained on it."""
    sample = SAMPLES["nyc_weather"]
    shipped = load_checkpoint(sample.checkpoint)
    assert isinstance(shipped, Checkpoint)  # shipped ones are whole
    table = read_csv(sample.csv)
    dataset = _prepared(table, shipped, shipped.window)
    return Forecast(table, shipped, dataset, dataset.windows.of_part("test"))


def _prepared(table: Table, shipped: Checkpoint, window: WindowConfig, without: str = "") -> Dataset:
    """Return the weather without a feature; of a derived one that has two columns both are left out."""
    schema = shipped.schema
    roles = replace(schema.roles, features=tuple(name for name in schema.from_file if name != without))
    return prepare_training(table, roles, window, shipped.split, tuple(one for one in schema.derived if without not in one.names))


def retrained(forecast: Forecast, without: str, seed: int) -> Float[np.ndarray, " target"]:
    """Return the test errors of a model that never saw a feature, as shares of the errors of repeating the last value.

    Nothing else changes: targets, split, windows and scaling are the shipped model's. A target whose own column is left
    out is still learned as its change, and its last value is still added back: the model is without the column, the
    forecast is not.
    """
    from complex_lstm.training import fit  # Lightning's import takes seconds, which tables from stored runs need not wait

    shipped = forecast.shipped
    training = _prepared(forecast.table, shipped, replace(shipped.window, stride=STRIDE), without)
    size = replace(shipped.model.config, input_dim=len(training.schema.roles.features), hidden_dim=HIDDEN)
    config = TrainingConfig(epochs=EPOCHS, seed=seed)
    model = fit(training, size, shipped.split, config).checkpoint.model
    whole = _prepared(forecast.table, shipped, shipped.window, without)
    found = score(whole, forecast.test, predict(model, whole, forecast.test).predicted)
    assert isinstance(found, ValueScores)  # the weather's targets are values
    return found.squared_error / found.persistence


def explained(forecast: Forecast, method: str, windows: Int[np.ndarray, " window"]) -> Float[np.ndarray, "window feature"]:
    """Return how much each feature matters to the shipped model at each window, the mean over the outputs."""
    by_output = []
    for output, unit in zip(forecast.shipped.schema.outputs, forecast.shipped.scaling.target_std, strict=True):
        frame = explain_frame(forecast.shipped.model, forecast.dataset, windows, method, target=output)
        by_output.append(sizes(frame["importance"].to_numpy().reshape(len(windows), -1), unit if METHODS[method].signed else None))
    return np.mean(by_output, axis=0)


def sizes(features: Float[np.ndarray, "window feature"], unit: float | None) -> Float[np.ndarray, "window feature"]:
    """Return importance without its sign in a unit, or as shares of its window's sum if it has none."""
    return np.abs(features) / unit if unit else features / features.sum(axis=1, keepdims=True)


def permuted(forecast: Forecast) -> Float[np.ndarray, "stretch feature"]:
    """Return how much the shipped model's error rises with a feature's columns exchanged between the test windows.

    Permutation importance (Breiman 2001; Fisher et al. 2019): no gradient, no retraining, but windows unlike any data.
    The last value that is added back to a forecast stays the window's own.
    """
    x = forecast.dataset.windows.inputs(forecast.test)
    intact, random = errors(forecast, x), np.random.default_rng(0)
    rises = np.zeros((len(x), len(forecast.features)))
    for feature in range(len(forecast.features)):
        for _ in range(SHUFFLES):
            shuffled = x.copy()
            shuffled[:, :, feature] = x[random.permutation(len(x)), :, feature]
            rises[:, feature] += (errors(forecast, shuffled) - intact) / SHUFFLES
    return np.array([np.nanmean(rises[stretch], axis=0) for stretch in np.array_split(np.arange(len(x)), STRETCHES)])


def errors(forecast: Forecast, x: Float32[np.ndarray, "window time feature"]) -> Float[np.ndarray, " window"]:
    """Return the squared error at each test window, in units of repeating the last value; NaN where no answer is known."""
    with torch.no_grad():
        outputs = np.concatenate([forecast.shipped.model(part).numpy() for part in torch.from_numpy(x).split(BATCH)])
    actual, last = forecast.dataset.windows.actual[forecast.test], forecast.dataset.windows.last[forecast.test]
    known = ~np.isnan(actual).any(axis=1)
    unit = ((last - actual)[known] ** 2).mean(axis=0)
    return ((in_data_terms(outputs, forecast.dataset, forecast.test) - actual) ** 2 / unit).mean(axis=1)


def complete_runs(forecast: Forecast) -> pd.DataFrame:
    """Return the errors of all runs, after adding those that the file lacks, one by one."""
    runs = pd.read_csv(RUNS) if RUNS.exists() else pd.DataFrame(columns=["seed", "without", *forecast.shipped.schema.outputs])
    done = set(zip(runs["seed"], runs["without"], strict=True))
    for seed in SEEDS:
        for without in (WITH_ALL, *forecast.features):
            if (seed, without) not in done:
                runs.loc[len(runs)] = [seed, without, *retrained(forecast, without, seed).round(5)]
                runs.to_csv(RUNS, index=False)
                print(runs.tail(1).to_string(header=False), file=sys.stderr, flush=True)
    return runs


def complete_explanations(forecast: Forecast) -> pd.DataFrame:
    """Return what each method says at each window, after adding the methods that the file lacks."""
    found = pd.read_csv(EXPLAINED) if EXPLAINED.exists() else pd.DataFrame(columns=["method", "window", *forecast.features])
    windows = np.array([stretch[len(stretch) // 2] for stretch in np.array_split(forecast.test, STRETCHES)])
    for method in (*METHODS, PERMUTATION):
        if method not in {*found["method"], *LEFT_OUT}:
            rows = permuted(forecast) if method == PERMUTATION else explained(forecast, method, windows)
            made = pd.DataFrame(rows.astype(np.float32), columns=forecast.features)
            made.insert(0, "window", windows)
            made.insert(0, "method", method)
            found = made if found.empty else pd.concat([found, made])
            found.to_csv(EXPLAINED, index=False, float_format="%.5g")
            print(method, file=sys.stderr, flush=True)
    return pd.read_csv(EXPLAINED)


def tables(runs: pd.DataFrame, explanations: pd.DataFrame) -> str:
    """Return the table of the features and that of the methods, as Markdown."""
    features = tuple(explanations.columns[2:])
    by_seed = importances(runs, features)
    methods = {str(name): rows[list(features)].to_numpy() for name, rows in explanations.groupby("method", sort=False)}
    return "\n\n".join((feature_table(features, by_seed, methods), agreement_table(features, by_seed, methods)))


def feature_table(features: tuple[str, ...], by_seed: Float[np.ndarray, "seed feature"], methods: dict[str, np.ndarray]) -> str:
    """Return one row a feature, in retraining's order: what its lack costs, and its place by each method."""
    cost, spread = by_seed.mean(axis=0), standard_error(by_seed)
    placed = {name: ranks(rows.mean(axis=0)) for name, rows in methods.items() if orders(rows)}
    labels = [label(name) for name in placed]
    rows = [f"| feature | error without it | {' | '.join(labels)} |", "|---" * (2 + len(labels)) + "|"]
    for place in np.argsort(-cost, kind="stable").tolist():
        by_method = " | ".join(str(places[place]) for places in placed.values())
        rows.append(f"| {features[place]} | {100 * cost[place]:+.1f} ± {100 * spread[place]:.1f} | {by_method} |")
    return "\n".join(rows)


def agreement_table(features: tuple[str, ...], by_seed: Float[np.ndarray, "seed feature"], methods: dict[str, np.ndarray]) -> str:
    """Return one row a method: how far its ranking agrees with retraining's. The last rows are retraining with itself."""
    cost = by_seed.mean(axis=0)
    first = int(cost.argmax())
    rows = [f"| ranking | Spearman | 90% of the bootstrap | Kendall | Spearman without {features[first]} |", "|---|---|---|---|---|"]
    for name, one in methods.items():
        found, rest = agree(by_seed, one), correlation(np.delete(cost, first), np.delete(one.mean(axis=0), first))
        said = f"{found.spearman:.2f} | {found.low:.2f} to {found.high:.2f} | {found.kendall:.2f} | {rest:.2f}"
        rows.append(f"| {label(name)} | {said if orders(one) else 'ranks no feature | | | '} |")
    itself, others_itself = ceiling(by_seed), ceiling(np.delete(by_seed, first, axis=1))
    for what, numbers, others in (
        ("two seeds of retraining", itself.pairs, others_itself.pairs),
        ("a seed of retraining with the mean of the others", itself.others, others_itself.others),
    ):
        rows.append(f"| {what} | {numbers.mean():.2f} | {numbers.min():.2f} to {numbers.max():.2f}, all of them | | {others.mean():.2f} |")
    return "\n".join(rows)


def orders(rows: Float[np.ndarray, "window feature"]) -> bool:
    """Whether a method tells features apart. Attention rollout does not: attention knows steps only."""
    return bool(np.ptp(rows.mean(axis=0)) > 0)


def label(method: str) -> str:
    """Return a method's name as people know it."""
    return METHODS[method].label if method in METHODS else "Permutation"


def main(arguments: list[str]) -> None:
    """Print the tables."""
    if "--again" in arguments:
        for file in (RUNS, EXPLAINED):
            file.unlink(missing_ok=True)
    forecast = open_forecast()
    settle_threads(HIDDEN)
    print(tables(complete_runs(forecast), complete_explanations(forecast)))


if __name__ == "__main__":
    main(sys.argv[1:])
