"""`complex-lstm export`: a model for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from complex_lstm.cli.group import FILE, NEW_FILE, main
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.model.checkpoint import head_choices
from complex_lstm.model.export import export_onnx, export_state_dict


@main.command()
@click.argument("checkpoint", type=FILE)
@click.option("--out", "out", type=NEW_FILE, required=True, help="The file to write: .onnx, or .pt for a state dict.")
@click.option("--heads", type=int, help="The number of attention heads, if the file does not tell it.")
def export(checkpoint: Path, out: Path, heads: int | None) -> None:
    """Write a model for other programs: as ONNX, or as a state dict.

    An ONNX file is compared with the model in ONNX Runtime before it is written.

    Both take windows that are scaled as the model's inputs are, and give logits of classes or scaled values: a checkpoint's means and
    deviations stay with it, and `complex-lstm info` tells the rest.
    """
    suffix = out.suffix.lower()
    if suffix not in (".onnx", ".pt", ".pth"):
        raise click.BadParameter(f"{out.name} ends in {out.suffix!r}: .onnx, or .pt for a state dict.", param_hint="--out")
    loaded = load_checkpoint(checkpoint, num_heads=heads)
    if suffix == ".onnx" and "num_heads" in loaded.guessed:
        choices = ", ".join(map(str, head_choices(loaded.model.config.hidden_dim)))
        raise click.UsageError(f"{checkpoint.name} does not say how many attention heads its model has: give --heads, one of {choices}.")
    heat = loaded.scaling.temperature if isinstance(loaded, Checkpoint) else 1.0
    if suffix == ".onnx":
        furthest = export_onnx(loaded.model, out, temperature=heat)
        click.echo(f"{out.name}: outputs of ONNX Runtime lie {furthest:.1g} of the largest from the model's, on random windows.")
    else:
        export_state_dict(loaded.model, out)
        click.echo(f"{out.name}: a state dict. It does not tell the attention heads: {loaded.model.config.num_heads}.")
    if heat != 1:
        kept = ", which its metadata have too" if suffix == ".onnx" else ""
        click.echo(f"For calibrated probabilities divide its logits by the checkpoint's temperature, {heat:.4g}{kept}, before the softmax.")
