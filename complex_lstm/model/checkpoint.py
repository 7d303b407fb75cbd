"""Saving and loading checkpoints, the only way in and out for weights."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from complex_lstm.config import SCALES, Kernels, ModelConfig, Scaling, Schema, SplitConfig, WindowConfig, from_json, to_json
from complex_lstm.errors import CheckpointError, ComplexLSTMError, ConfigError
from complex_lstm.facts import TrainingFacts
from complex_lstm.model.network import ComplexLSTMModel
from complex_lstm.recipe import Reading

FORMAT = "complex-lstm/1"
GUESSED = ("num_heads", "dropout")  # of a file of weights alone: tensors have the same shapes with any number of attention heads


@dataclass(frozen=True)
class BareCheckpoint:
    """A model in eval mode, without anything about the data that it was trained on.

    `guessed` names the sizes that the file does not tell: those are assumed, and a wrong one gives wrong outputs without an error.
    """

    model: ComplexLSTMModel
    guessed: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class Checkpoint(BareCheckpoint):
    """A model in eval mode, with the meaning of its inputs and outputs and how to prepare a file for it.

    `fingerprint` is the sha256 of the training file's bytes; `command` is the command line that made the checkpoint. `reading` is how
    that file was read, for new files of its kind, and `facts` what the training part looked like: None in a checkpoint that was made
    before these were kept.
    """

    schema: Schema
    window: WindowConfig
    split: SplitConfig
    scaling: Scaling
    fingerprint: str = ""
    command: str = ""
    facts: TrainingFacts | None = None
    reading: Reading | None = None


def save_checkpoint(checkpoint: BareCheckpoint | ComplexLSTMModel, path: str | Path) -> None:
    """Write a checkpoint (or a model alone) as safetensors, with everything that is not a tensor as JSON in the metadata."""
    if isinstance(checkpoint, ComplexLSTMModel):
        checkpoint = BareCheckpoint(checkpoint)
    metadata = {"format": FORMAT, "config": to_json(checkpoint.model.config)}
    if isinstance(checkpoint, Checkpoint):
        metadata |= {name: to_json(getattr(checkpoint, name)) for name in _PARTS}
        metadata |= {"fingerprint": checkpoint.fingerprint, "command": checkpoint.command}
        kept = {"facts": checkpoint.facts, "reading": checkpoint.reading}
        metadata |= {name: to_json(value) for name, value in kept.items() if value is not None}
    state = {name: value.detach().cpu().contiguous() for name, value in checkpoint.model.state_dict().items()}
    Path(path).write_bytes(save(state, metadata))  # save_file would make it readable by its owner alone


_PARTS: dict[str, type] = {"schema": Schema, "window": WindowConfig, "split": SplitConfig, "scaling": Scaling}


def load_checkpoint(path: str | Path) -> BareCheckpoint:
    """Return the checkpoint in a file: a `Checkpoint` if it describes its data, else a `BareCheckpoint`.

    `.safetensors` files are read as such. `.pt` and `.pth` files are read as state dicts with `weights_only=True`,
    so that nothing in them is executed; the sizes come from the tensors, and 8 attention heads are assumed.

    Raises:
        CheckpointError: no such file, another format, something that cannot be read without executing it, or
            tensors that are not those of this architecture.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}. Check the path of the checkpoint.")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if path.suffix in (".pt", ".pth"):
        return BareCheckpoint(_build(_read_torch(path), None, path), guessed=GUESSED)
    raise CheckpointError(f"{path.name} ends in {path.suffix!r}. Checkpoints are .safetensors files, or state dicts as .pt or .pth.")


def _read_safetensors(path: Path) -> BareCheckpoint:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
    except SafetensorError as error:
        raise CheckpointError(f"{path.name} is not a readable safetensors file ({error}). Export or download it again.") from error
    try:
        config = from_json(ModelConfig, metadata["config"]) if "config" in metadata else None
        facts = from_json(TrainingFacts, metadata["facts"]) if "facts" in metadata else None
        parts: dict[str, Any] = {name: from_json(kind, metadata[name]) for name, kind in _PARTS.items() if name in metadata}
        reading = from_json(Reading, metadata["reading"]) if "reading" in metadata else None
    except ComplexLSTMError as error:
        raise CheckpointError(f"The metadata of {path.name} cannot be used. {error}") from error
    model = _build(state, config, path)
    if len(parts) < len(_PARTS):
        return BareCheckpoint(model, guessed=() if config else GUESSED)
    _check_fit(model.config, parts["schema"], parts["scaling"], path)
    origin = {name: metadata.get(name, "") for name in ("fingerprint", "command")}
    return Checkpoint(model, **parts, **origin, facts=facts, reading=reading)


def _check_fit(config: ModelConfig, schema: Schema, scaling: Scaling, path: Path) -> None:
    features, outputs, values = len(schema.roles.features), len(schema.outputs), schema.roles.task == "values"
    recorded = (features, outputs, len(scaling.feature_mean), len(scaling.feature_std))
    fits = recorded == (config.input_dim, config.output_dim, features, features)
    if not fits or (values and {len(scaling.target_mean), len(scaling.target_std)} != {outputs}):
        raise CheckpointError(
            f"The metadata of {path.name} names {features} features and {outputs} outputs, with means for {recorded[2]} features; "
            f"the model takes {config.input_dim} and gives {config.output_dim}. Save it again with the schema that it was trained on."
        )


# The errors that a damaged pickle or archive raises, found by damaging some.
_DAMAGED = (
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    ImportError,
    MemoryError,
    struct.error,
)


def _read_torch(path: Path) -> dict[str, Tensor]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path.name} holds more than tensors, and reading that could run code from the file. "
            f"Save the weights alone: torch.save(model.state_dict(), ...), or as .safetensors."
        ) from error
    except _DAMAGED as error:
        raise CheckpointError(f"{path.name} is not a file that torch.save wrote ({error!s:.120}). Export it again.") from error
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]  # as trainers wrap it
    if not isinstance(state, dict) or not state or not all(isinstance(value, Tensor) for value in state.values()):
        raise CheckpointError(f"{path.name} is not a state dict. Save one with torch.save(model.state_dict(), ...).")
    return {str(name).removeprefix("model."): value for name, value in state.items()}


def _build(state: dict[str, Tensor], config: ModelConfig | None, path: Path) -> ComplexLSTMModel:
    config = config or _infer_config(state, path)
    model = ComplexLSTMModel(**vars(config))
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise CheckpointError(f"The tensors of {path.name} are not those of {config}: {error!s:.600}") from error
    if not all(bool(torch.isfinite(value).all()) for value in state.values()):
        raise CheckpointError(f"{path.name} holds NaN or infinite weights: the training that wrote it had diverged.")
    return model.eval()


def _infer_config(state: dict[str, Tensor], path: Path) -> ModelConfig:
    try:
        hidden, inputs = state["input_proj.0.weight"].shape
        outputs = max(int(name.split(".")[1]) for name in state if name.startswith("ensemble_combiner.") and name.endswith("bias"))
        blocks = {name.split(".")[1] for name in state if name.startswith("lstm_blocks.")}
        size = len(state[f"ensemble_combiner.{outputs}.bias"])
        return ModelConfig(inputs, hidden, len(blocks), output_dim=size, kernels=_infer_kernels(state))
    except (KeyError, ValueError) as error:
        raise CheckpointError(
            f"{path.name} has no tensors input_proj.0.weight and ensemble_combiner.*.bias: "
            f"it is not a state dict of the ComplexLSTM architecture."
        ) from error
    except ConfigError as error:
        raise CheckpointError(
            f"The sizes of {path.name} make no model with the 8 attention heads that are assumed of weights alone. {error} "
            f"Save it with save_checkpoint, which writes the number of heads beside the weights."
        ) from error


def _infer_kernels(state: dict[str, Tensor]) -> Kernels:
    """Return the widths of the convolutions; the default ones where one is missing, which loading then names."""
    try:
        first, second = (
            tuple(state[f"{stage}.convs.{scale}.0.weight"].shape[-1] for scale in range(SCALES)) for stage in ("temp_conv1", "temp_conv2")
        )
    except KeyError:
        return ModelConfig().kernels
    return first, second
