"""The sizes of a model."""

from __future__ import annotations

from dataclasses import dataclass

from complex_lstm.errors import ConfigError
from complex_lstm.languages import _
from complex_lstm.settings import check_settings, setting

Kernels = tuple[tuple[int, ...], tuple[int, ...]]  # of both convolution stages, one width a scale

SCALES = 3  # convolutions side by side in a stage
LARGEST_MODEL = {"hidden_dim": 2**20, "num_lstm_layers": 256, "input_dim": 10**6, "output_dim": 10**6, "kernels": 10**4}


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of a ComplexLSTMModel. The defaults are those of the architecture document."""

    input_dim: int = setting(9, "Features", "Input features at each time step.", group="data", at_least=1)
    hidden_dim: int = setting(
        256, "Hidden channels", "Channels of the hidden state: a multiple of the attention heads. Time grows about with its square; "
        "the full size is 256.", group="model", at_least=1, initial=64, option="hidden",
    )  # fmt: skip
    num_lstm_layers: int = setting(
        4, "BiLSTM blocks", "BiLSTM blocks, one after another; most of the time goes into them.",
        group="model", at_least=1, option="lstm-layers",
    )  # fmt: skip
    num_heads: int = setting(
        8, "Attention heads", "Attention heads of each attention layer; the hidden channels are shared out among them.",
        group="model", at_least=1, option="heads",
    )  # fmt: skip
    output_dim: int = setting(3, "Outputs", "Classes or targets.", group="data", at_least=1)
    dropout: float = setting(
        0.3, "Dropout", "Share of activations dropped while training.", group="model", at_least=0, below=1,
        expected="a share from 0 up to, and not including, 1", step=0.05, tried=(0.1, 0.3, 0.5),
    )  # fmt: skip
    kernels: Kernels = setting(
        ((3, 5, 7), (3, 5, 9)), "Kernel sizes", "Time steps that each convolution sees, three odd numbers for each of the two stages.",
        group="model",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_settings(self)
        if self.hidden_dim % self.num_heads:
            raise ConfigError(
                f"hidden_dim {self.hidden_dim} does not divide by num_heads {self.num_heads}. "
                f"Each attention head takes hidden_dim / num_heads channels: choose a multiple of {self.num_heads}."
            )
        if self.hidden_dim < 3:
            raise ConfigError(f"hidden_dim is {self.hidden_dim}, expected 3 or more: one channel for each of the three scales.")
        widest = max((width for stage in self.kernels for width in stage), default=0)
        for name, most in LARGEST_MODEL.items():
            size = widest if name == "kernels" else getattr(self, name)
            if size > most:
                raise ConfigError(f"{name} is {size:,}, expected {most:,} or less: no larger model is built here.")
        stages = [len(stage) == SCALES and all(width > 0 and width % 2 for width in stage) for stage in self.kernels]
        if stages != [True, True]:
            raise ConfigError(
                f"kernels is {self.kernels!r:.80}, expected two stages of {SCALES} odd widths each, such as ((3, 5, 7), (3, 5, 9)): "
                f"an even width would shift the series by half a step."
            )


def kernel_names(widths: tuple[int, ...]) -> tuple[str, ...]:
    """Return what a stage's kernels are called: by their width, and where widths repeat by their place too, from 1."""
    return tuple(
        _("kernel {width}, place {place}", width=width, place=place) if widths.count(width) > 1 else _("kernel {width}", width=width)
        for place, width in enumerate(widths, 1)
    )
