"""Models of the planted tasks, from untrained to solved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn

from benchmarks.verdicts.tasks import TASKS, Drawn, Task
from complex_lstm import SAMPLES, ComplexLSTMModel, load_checkpoint

HIDDEN, BLOCKS, HEADS, DROPOUT = 32, 2, 4, 0.05
SHIPPED = {"shape": "planted_shape"}  # tasks by the sample whose checkpoint solves them
BATCH, LEARNING_RATE = 64, 2e-3
MOST_UPDATES, EVERY = 1500, 50
HALF, SOLVED = 0.4, 0.96  # of the way from a trivial score to 1
STAGES = ("trained", "part", "untrained")
TEST_SEED, TEST = 9_999, 300  # windows that score a model


@dataclass(frozen=True)
class Trained:
    """A model of a task, what it has learned so far, and how its windows are scaled."""

    model: ComplexLSTMModel
    stage: str
    score: float  # accuracy, or R squared of values
    mean: Float32[np.ndarray, " feature"]
    std: Float32[np.ndarray, " feature"]

    def scaled(self, drawn: Drawn) -> Float32[np.ndarray, "window time feature"]:
        return ((drawn.x - self.mean) / self.std).astype(np.float32)


def train(name: str, folder: Path) -> None:
    """Train a model of a task on windows that are drawn anew for each batch, and keep it untrained, halfway and at the end.

    What takes hours to learn is taken from the checkpoint that the project ships.
    """
    task = TASKS[name]
    if name in SHIPPED:
        _take(name, folder)
        return
    torch.manual_seed(0)
    model = ComplexLSTMModel(task.features, HIDDEN, BLOCKS, HEADS, task.classes or 1, DROPOUT)
    first = task.draw(1000, 1)
    mean, std = first.x.mean(axis=(0, 1)).astype(np.float32), first.x.std(axis=(0, 1)).astype(np.float32)
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.ConstantLR(optimiser, 0.3, 30)
    solved, kept = 0, set[str]()
    for update in range(MOST_UPDATES + 1):
        if update % EVERY == 0:
            score = evaluate(model.eval(), task, mean, std)
            gained = (score - trivial(task)) / (1 - trivial(task))
            solved += gained >= SOLVED
            stage = "untrained" if not update else "trained" if solved == 2 or update == MOST_UPDATES else "part" if gained >= HALF else ""
            if stage and stage not in kept:
                kept.add(stage)
                _keep(model, mean, std, score, folder / f"{name}_{stage}.pt")
            if stage == "trained":
                return
        model.train()
        drawn = task.draw(BATCH, 10_000 + update)
        outputs = model(torch.from_numpy(((drawn.x - mean) / std).astype(np.float32)))
        loss = _loss(task, outputs, torch.from_numpy(drawn.answer))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()


def _take(name: str, folder: Path) -> None:
    loaded = load_checkpoint(SAMPLES[SHIPPED[name]].checkpoint)
    mean, std = (np.array(one, dtype=np.float32) for one in (loaded.scaling.feature_mean, loaded.scaling.feature_std))  # type: ignore[attr-defined]  # shipped ones are whole
    _keep(loaded.model, mean, std, evaluate(loaded.model.eval(), TASKS[name], mean, std), folder / f"{name}_trained.pt")


def _keep(model: ComplexLSTMModel, mean: np.ndarray, std: np.ndarray, score: float, file: Path) -> None:
    scaling = {"mean": torch.from_numpy(mean), "std": torch.from_numpy(std)}
    torch.save({"config": asdict(model.config), "model": model.state_dict(), "score": score} | scaling, file)
    print(f"{file.stem}: {score:.3f}", flush=True)


def trivial(task: Task) -> float:
    """Return the score of the commonest answer: classes are drawn evenly."""
    return 1 / task.classes if task.classes else 0.0


def _loss(task: Task, outputs: Tensor, answer: Tensor) -> Tensor:
    if task.classes:
        return nn.functional.cross_entropy(outputs, answer, label_smoothing=0.05)
    return nn.functional.mse_loss(outputs[:, 0], answer.float())


@torch.no_grad()
def evaluate(model: ComplexLSTMModel, task: Task, mean: np.ndarray, std: np.ndarray) -> float:
    """Return the accuracy on windows not seen in training, or R squared of values."""
    drawn = task.draw(TEST, TEST_SEED)
    outputs = model(torch.from_numpy(((drawn.x - mean) / std).astype(np.float32))).numpy()
    if task.classes:
        return float((outputs.argmax(axis=1) == drawn.answer).mean())
    return float(1 - ((outputs[:, 0] - drawn.answer) ** 2).mean() / drawn.answer.var())


def load(name: str, stage: str, folder: Path) -> Trained:
    """Return a model that `train` has kept, in eval mode."""
    kept = torch.load(folder / f"{name}_{stage}.pt", weights_only=True)
    model = ComplexLSTMModel(**kept["config"])
    model.load_state_dict(kept["model"])
    return Trained(model.eval(), stage, kept["score"], kept["mean"].numpy(), kept["std"].numpy())
