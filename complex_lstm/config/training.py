"""The settings of one training run, from which command line and Train page are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from complex_lstm.errors import ConfigError
from complex_lstm.settings import check_settings, setting

MixedPrecision = Literal["off", "gpu", "always"]
ProcessStrategy = Literal["auto", "ddp"]
LogKind = Literal["off", "tensorboard", "mlflow", "wandb"]

GRADUAL_EPOCHS = 10  # the fewest with gradual complexity


@dataclass(frozen=True)
class TrainingConfig:
    """One training run. Every strategy is off by default; `complex_lstm.settings` explains a field's metadata.

    What the help of a field leaves open: `learning_rate` is the highest of the one-cycle schedule; with `component_rates` it is
    that of the components without a rate of their own. `batch_size` counts the windows of a step over all processes (`devices`
    on each of `nodes` machines), and an optimizer step takes `accumulate` such batches. `jitter`, `noise` and `warp` are defined
    in `complex_lstm.training.batches`, `rotation` and `mirror` in the modules of these names. With `averaging` the weights that are
    kept are their exponential moving average; `averaged_epochs` and `fitted_scale` are defined in `complex_lstm.training.best_weights`.
    `shuffle_labels` gives each training window the label of another one: a model that cannot have learned anything, against
    which explanations are checked (Adebayo et al. 2018).
    """

    epochs: int = setting(20, "Epochs at most", "Passes over the training part, at most.", group="length", at_least=1)
    batch_size: int = setting(64, "Batch size", "Windows in a batch.", group="length", at_least=1)
    learning_rate: float = setting(2e-3, "Learning rate", "The highest learning rate of the one-cycle schedule.", group="more", above=0)
    weight_decay: float = setting(1e-2, "Weight decay", "AdamW's: pulls weights towards zero.", group="more", at_least=0)
    noise: float = setting(
        0.0, "Noise", "Standard deviation of Gaussian noise on the scaled inputs while training.", group="more", at_least=0
    )
    jitter: float = setting(
        0.0, "Jitter", "Standard deviation of a factor and an offset for each window and feature while training: for people or sensors "
        "that differ.", group="more", at_least=0,
    )  # fmt: skip
    warp: float = setting(
        0.0, "Warp", "Standard deviation of the logarithm of a window's speed while training, which plays it faster or slower: for people "
        "or machines at their own pace.", group="more", at_least=0,
    )  # fmt: skip
    rotation: float = setting(
        0.0, "Rotation", "Standard deviation, in degrees, of an angle by which a window's channels named x, y and z are turned together "
        "while training, such as ax, ay, az: for sensors that people wear each at another angle. Such triples must be in one unit.",
        group="more", at_least=0, at_most=180,
    )  # fmt: skip
    mirror: str = setting(
        "", "Mirror", "Features whose signs change together in half of the windows while training, with commas between them, such as "
        "ax,wy,wz: for left and right arms or legs, where the mirror image of a window means the same.", group="more",
    )  # fmt: skip
    label_smoothing: float = setting(
        0.0, "Label smoothing", "Share of a class label spread over all classes.", group="more", at_least=0, at_most=1
    )
    averaging: float = setting(
        0.0, "Averaged weights", "Decay of an exponential moving average of the weights over the steps, e.g. 0.999; 0 for none. It helps "
        "where the validation loss jumps from epoch to epoch; in our short trials it kept too much of the beginning and was behind plain "
        "training wherever it made a difference.",
        group="strategy", at_least=0, below=1, expected="a decay from 0 up to, and not including, 1",
    )  # fmt: skip
    averaged_epochs: int = setting(
        0, "Mean of the last epochs", "Averages the weights at the ends of so many last epochs; 0 for none. From the first of them on the "
        "mean so far is what is scored and kept; earlier epochs count as they are. The best of all is kept, and without a validation "
        "part the mean of them all. On the weather it was 0 to 2% worse than the last epoch: the learning rate has fallen too far by then "
        "for the epochs to differ.", group="strategy", at_least=0, expected="0 for none, or up to the number of epochs",
    )  # fmt: skip
    fitted_scale: bool = setting(
        False, "Output scale by validation", "Multiplies the outputs of the epoch that is kept by the number that gives the least squared "
        "error on the validation part: below 1 where the predicted values or changes are too large. For values only. On the weather even "
        "the best scale for each target and month gained 0.4% at most, and it was above 1 in one month and below in the others.",
        group="strategy",
    )  # fmt: skip
    patience: int = setting(
        8, "Early stopping", "Ends the run after this many epochs without a better validation loss; the best epoch is kept. It saves time "
        "where a model would overfit; with 3 it ended two of our three short trials of planted_shape before anything was learned.",
        group="strategy", at_least=1,
    )  # fmt: skip
    seed: int = setting(
        0, "Seed", "Draws the weights, the order of the windows, dropout and noise. The same seed on the same machine: the same model.",
        group="length", at_least=0, at_most=2**32 - 1,
    )  # fmt: skip
    shuffle_labels: bool = setting(
        False, "Shuffled labels", "Gives each training window the label of another one: a control that explanations are checked against, "
        "and of no use for predicting.", group="more",
    )  # fmt: skip
    gradual: bool = setting(
        False, "Gradual complexity", "Trains the input projection first, then adds convolutions and gate, the BiLSTM blocks one by one "
        "and the attention layers, and ends with the ensemble alone. An epoch takes about half the time; in our short trials it was as "
        "good as plain training on three of four data sets and far behind on planted_shape.", group="strategy",
    )  # fmt: skip
    adaptive_dropout: bool = setting(
        False, "Adaptive dropout", "Drops 50% of the activations in the first third of the epochs, 30% in the second and 10% in the last, "
        "instead of the model's own share. In our short trials small models learned worse with it on all four data sets, by 7 to 43 "
        "points of accuracy; try it for a large model that overfits.", group="strategy",
    )  # fmt: skip
    component_rates: bool = setting(
        False, "Learning rate by component", "Trains the input projection at up to 1e-3, the BiLSTM blocks at 1e-4 and the attention "
        "layers at 1e-5, the other components at the learning rate. In our short trials the difference was within the spread of three "
        "seeds; it is meant for recurrent or attention gradients that explode.", group="strategy",
    )  # fmt: skip
    gradient_flow: bool = setting(
        False, "Gradient flow", "Records the gradient's norm in each component before clipping, and the gradient scale, over the steps. "
        "It changes nothing in the model: it shows which component learns, and where gradients vanish or explode.", group="strategy",
    )  # fmt: skip
    class_weights: bool = setting(
        False, "Class weights", "Weighs each class by the inverse of its share of the training part. It helps to find rare classes, at the "
        "price of more false alarms and of probabilities that no longer match how common a class is; in our trials nothing was beyond "
        "chance.", group="strategy",
    )  # fmt: skip
    clip_norm: float = setting(
        1.0, "Gradient clipping", "Scales a step's gradient down to this norm where it is longer; 0 for never. It keeps one odd batch from "
        "undoing what was learned; without it our short trials scored the same on three data sets of four and worse on planted_order.",
        group="strategy", at_least=0, expected="a norm above 0, or 0 for no clipping",
    )  # fmt: skip
    accumulate: int = setting(
        1, "Gradient accumulation", "Takes one optimizer step for this many batches. It helps where a large batch does not fit into "
        "memory: halve the batch as well, and our short trials scored like plain training. With the batches as they are, "
        "half the steps were too few in all four.", group="strategy", at_least=1,
    )  # fmt: skip
    mixed_precision: MixedPrecision = setting(
        "off", "Mixed precision", "Computes most products in bfloat16: on a GPU that can ('gpu'), or on the CPU too ('always'). It is "
        "meant for large models; a small one scored like plain training in our short trials and took 0.9 to 1.4 times as long on the CPU.",
        group="strategy",
    )  # fmt: skip
    devices: int = setting(
        1,
        "Devices",
        "GPUs of a machine, or processes where it has none. Each takes an equal share of every batch.",
        group="more",
        at_least=1,
    )
    nodes: int = setting(
        1, "Machines", "Machines; start the same command on each as Lightning's cluster environments require.", group="terminal", at_least=1
    )
    process_strategy: ProcessStrategy = setting(
        "auto", "Process strategy", "'ddp' averages the gradients of the processes (DistributedDataParallel); 'auto' does so only if there "
        "are several.", group="more", option="strategy",
    )  # fmt: skip
    snapshots: int = setting(
        30, "Snapshots", "How often a run in a folder records attention, gate and ensemble heads of a few windows, to be played "
        "afterwards; 0 for never.", group="more", at_least=0, at_most=200, expected="0 to 200: each takes room on the disk",
        former=("moments",), stored_as="moments",
    )  # fmt: skip
    log: LogKind = setting(
        "off", "Log", "Also logs settings, losses, scores and the data's fingerprint for TensorBoard, MLflow or Weights & Biases (wandb), "
        "into the run's folder; each needs an extra of its own name.", group="more",
    )  # fmt: skip
    log_to: str = setting(
        "", "Place of the log", "Where --log writes: a folder; for MLflow also a server's address; for Weights & Biases, which is offline "
        "in a folder, also online:PROJECT. Without it the run's folder.", group="terminal",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_settings(self)
        if self.averaged_epochs > self.epochs:
            raise ConfigError(f"averaged_epochs is {self.averaged_epochs}, of {self.epochs} epochs. Average fewer, or train for longer.")
        if self.averaging and self.averaged_epochs:
            raise ConfigError(
                f"averaging {self.averaging} and averaged_epochs {self.averaged_epochs} are two ways to average weights. Choose one."
            )
        if self.gradual and self.epochs < GRADUAL_EPOCHS:
            raise ConfigError(
                f"epochs is {self.epochs}, expected {GRADUAL_EPOCHS} or more with gradual complexity: its shortest stages are a tenth "
                f"of the epochs. Give it more epochs, or turn it off."
            )
        if self.batch_size % (self.devices * self.nodes):
            raise ConfigError(
                f"batch_size {self.batch_size} does not divide by {self.devices * self.nodes} processes (devices times nodes). "
                f"Each takes an equal share of a batch: choose a multiple."
            )
