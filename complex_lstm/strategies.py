"""The training strategies in words: what each does, and when it helped in trials (benchmarks/README.md)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Strategy:
    """A way to train: its name for people, and what it does and when it helps."""

    label: str
    sentence: str


STRATEGIES = {
    "gradual": Strategy(
        "Gradual complexity",
        "Trains the input projection first, then adds convolutions and gate, the BiLSTM blocks one by one and the attention layers, "
        "and ends with the ensemble alone. An epoch takes about half the time; in our short trials it was as good as plain on three of "
        "four data sets and far behind on planted_shape.",
    ),
    "adaptive_dropout": Strategy(
        "Adaptive dropout",
        "Drops 50% of the activations in the first third of the epochs, 30% in the second and 10% in the last, instead of the model's "
        "own share. In our short trials small models learned worse with it on all four data sets, from 7 to 43 points of accuracy; try it "
        "for a large model that learns by heart.",
    ),
    "component_rates": Strategy(
        "Learning rate by component",
        "Trains the input projection at up to 1e-3, the BiLSTM blocks at 1e-4 and the attention layers at 1e-5, the other parts at the "
        "learning rate. In our short trials it made no difference that three seeds could tell from chance; it is meant for recurrent or "
        "attention gradients that run wild.",
    ),
    "gradient_flow": Strategy(
        "Gradient flow",
        "Records the gradient's norm in each component before clipping, and the gradient scale, over the steps. It changes nothing in "
        "the model: it shows which part learns, and which vanishes or explodes.",
    ),
    "class_weights": Strategy(
        "Class weights",
        "Weighs each class by the inverse of its share of the training part. It helps rare classes be found, at the price of "
        "more false alarms and of probabilities that no longer match how common a class is; in our trials nothing was beyond chance.",
    ),
    "clip_norm": Strategy(
        "Gradient clipping",
        "Shortens a step's gradient to this norm where it is longer; 0 never does. It keeps one odd batch from undoing what was "
        "learned; without it our short trials went the same on three data sets of four and worse on planted_order.",
    ),
    "accumulate": Strategy(
        "Gradient accumulation",
        "Takes one step of the optimizer for this many batches. It helps where a large batch does not fit into memory: halve the "
        "batch as well, and our short trials went as plain. With the batches as they are, half the steps were too few in all four.",
    ),
    "mixed_precision": Strategy(
        "Mixed precision",
        "Computes most products in bfloat16: on a GPU that can ('gpu'), or on the CPU too ('always'). It is meant for large models; "
        "a small one scored as plain in our short trials and took 0.9 to 1.4 times as long on the CPU.",
    ),
    "averaging": Strategy(
        "Averaged weights",
        "Keeps a moving average of the weights over the steps, with this decay. It helps where the validation loss jumps from epoch "
        "to epoch; in our short trials it kept too much of the beginning and was behind plain wherever it made a difference.",
    ),
    "patience": Strategy(
        "Early stopping",
        "Ends the run after this many epochs without a better validation loss, and keeps the best epoch. It saves time where a model "
        "would learn by heart; with 3 it ended two of our three short trials of planted_shape before anything was learned.",
    ),
}
