"""Saving and loading checkpoints, the only way in and out for weights."""

from __future__ import annotations

import json
import logging
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from complex_lstm.config import SCALES, Kernels, ModelConfig, Scaling, Schema, SplitConfig, WindowConfig, from_json, to_json
from complex_lstm.errors import CheckpointError, ComplexLSTMError, ConfigError
from complex_lstm.facts import TrainingFacts
from complex_lstm.model.network import ComplexLSTMModel
from complex_lstm.model.weights import Weights, read_weights
from complex_lstm.recipe import Reading

_log = logging.getLogger(__name__)

FORMAT = "complex-lstm/1"
GUESSED = ("num_heads", "dropout")  # of a file of weights alone: tensors have the same shapes with any number of attention heads


@dataclass(frozen=True)
class BareCheckpoint:
    """A model in eval mode, without anything about the data that it was trained on.

    `guessed` names the sizes that the file does not tell: those are assumed, and a wrong one gives wrong outputs without an error.
    `given` names those that were told by whoever opened it. `notes` are sentences on what was left out or converted in reading.
    """

    model: ComplexLSTMModel
    guessed: tuple[str, ...] = field(default=(), kw_only=True)
    given: tuple[str, ...] = field(default=(), kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)


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
    Path(path).write_bytes(checkpoint_bytes(checkpoint))  # safetensors' own save_file would make it readable by its owner alone


def checkpoint_bytes(checkpoint: BareCheckpoint | ComplexLSTMModel) -> bytes:
    """Return what `save_checkpoint` writes."""
    if isinstance(checkpoint, ComplexLSTMModel):
        checkpoint = BareCheckpoint(checkpoint)
    metadata = {"format": FORMAT, "config": to_json(checkpoint.model.config)}
    unsure = {"guessed": checkpoint.guessed, "given": checkpoint.given}
    metadata |= {name: json.dumps(sizes) for name, sizes in unsure.items() if sizes}
    if isinstance(checkpoint, Checkpoint):
        metadata |= {name: to_json(getattr(checkpoint, name)) for name in _PARTS}
        metadata |= {"fingerprint": checkpoint.fingerprint, "command": checkpoint.command}
        kept = {"facts": checkpoint.facts, "reading": checkpoint.reading}
        metadata |= {name: to_json(value) for name, value in kept.items() if value is not None}
    state = {name: value.detach().cpu().contiguous() for name, value in checkpoint.model.state_dict().items()}
    return _in_order(save(state, metadata))


def _in_order(content: bytes) -> bytes:
    """Return a safetensors file with its metadata in alphabetical order, not in the random one that makes other bytes each time."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of 8
    return len(text).to_bytes(8, "little") + text + content[end:]


_PARTS: dict[str, type] = {"schema": Schema, "window": WindowConfig, "split": SplitConfig, "scaling": Scaling}


def load_checkpoint(path: str | Path, *, num_heads: int | None = None, name: str = "") -> BareCheckpoint:
    """Return the checkpoint in a file: a `Checkpoint` if it describes its data, else a `BareCheckpoint`.

    `.safetensors`, `.pt`, `.pth`, `.bin` and `.ckpt` are read by their content, torch's with `weights_only=True`, so that nothing in
    them is executed; `complex_lstm.model.weights` says what may stand around the tensors. The sizes come from the tensors.
    The number of attention heads leaves no mark in them: it is the `num_heads` that a trainer kept among its settings in the file, or
    the one given here; without either one is assumed, named in `guessed` and logged as a warning. `name` is what messages call the
    file, if not by its own name.

    Raises:
        CheckpointError: no such file, another format, something that cannot be read without executing it, tensors that are not those
            of this architecture, metadata that make no sense, or a `num_heads` that the file contradicts or hidden_dim forbids.
    """
    path = Path(path)
    name = name or path.name
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}. Check the path of the checkpoint.")
    weights = read_weights(path, name)
    metadata = weights.metadata
    try:
        stored = from_json(ModelConfig, metadata["config"]) if "config" in metadata else None
        facts = from_json(TrainingFacts, metadata["facts"]) if "facts" in metadata else None
        parts: dict[str, Any] = {part: from_json(kind, metadata[part]) for part, kind in _PARTS.items() if part in metadata}
        reading = from_json(Reading, metadata["reading"]) if "reading" in metadata else None
    except ComplexLSTMError as error:
        raise CheckpointError(f"The metadata of {name} cannot be used. {error}") from error
    config, guessed, given = _config_of(weights, stored, num_heads, name)
    bare = BareCheckpoint(_build(weights.state, config, name), guessed=guessed, given=given, notes=weights.notes)
    if len(parts) < len(_PARTS):
        return bare
    _check_fit(config, parts["schema"], parts["scaling"], name)
    parts |= {"facts": facts, "reading": reading} | {part: metadata.get(part, "") for part in ("fingerprint", "command")}
    return Checkpoint(bare.model, guessed=guessed, given=given, notes=weights.notes, **parts)


def head_choices(hidden_dim: int) -> tuple[int, ...]:
    """Return the numbers of attention heads that a model of this hidden size can have: those that divide it."""
    return tuple(heads for heads in range(1, hidden_dim + 1) if hidden_dim % heads == 0)


def with_num_heads(checkpoint: BareCheckpoint, num_heads: int) -> BareCheckpoint:
    """Return a checkpoint whose file does not tell the attention heads, with this number of them. It shares the weights.

    Raises:
        ConfigError: a number that does not divide the hidden channels.
    """
    config = replace(checkpoint.model.config, num_heads=num_heads)
    model = _build(checkpoint.model.state_dict(), config, "the checkpoint").requires_grad_(False)
    unsure = tuple(name for name in checkpoint.guessed if name != "num_heads")
    return replace(checkpoint, model=model, guessed=unsure, given=("num_heads",))


def _config_of(
    weights: Weights, stored: ModelConfig | None, num_heads: int | None, name: str
) -> tuple[ModelConfig, tuple[str, ...], tuple[str, ...]]:
    """Return the sizes of a file's model, those that are guessed, and those that are given."""
    sizes = _infer_sizes(weights.state, name)
    choices = head_choices(sizes["hidden_dim"])
    guessed, given = (_names(weights.metadata.get(key, "[]")) for key in ("guessed", "given"))
    told = None if "num_heads" in (*guessed, *given) else stored
    if num_heads is not None and (num_heads not in choices or (told and told.num_heads != num_heads)):
        known = f"{name} says {told.num_heads}" if told else f"those of {name} can be {', '.join(map(str, choices))}"
        raise CheckpointError(f"num_heads is {num_heads}, but {known}: they divide its {sizes['hidden_dim']} hidden channels.")
    if stored is not None:
        wrong = [f"{size} {getattr(stored, size)}, its tensors {value}" for size, value in sizes.items() if getattr(stored, size) != value]
        if wrong:
            raise CheckpointError(f"The metadata of {name} say {'; '.join(wrong)}. Save it again with save_checkpoint.")
        if told or (num_heads is None and "num_heads" in given):
            return stored, guessed, given
    if num_heads is not None:
        heads, guessed, given = num_heads, ("dropout",), ("num_heads",)
    elif stored is None and weights.num_heads in choices:
        heads, guessed, given = weights.num_heads, ("dropout",), ()
    else:
        heads = stored.num_heads if stored else max(one for one in choices if one <= ModelConfig().num_heads)
        guessed, given = GUESSED, ()
        _log.warning(
            "%s does not say how many attention heads its model has, and its weights look the same with any number. %d are assumed; "
            "give the true one as num_heads: %s.", name, heads, ", ".join(map(str, choices)),
        )  # fmt: skip
    dropout = stored.dropout if stored else ModelConfig().dropout
    return ModelConfig(**sizes, num_heads=heads, dropout=dropout), guessed, given


def _names(text: str) -> tuple[str, ...]:
    """Return the names of sizes in a JSON list; of anything else none."""
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple(name for name in GUESSED if name in names) if isinstance(names, list) else ()


def _infer_sizes(state: dict[str, Tensor], name: str) -> dict[str, Any]:
    """Return the sizes that tensors have by their shapes: all but the number of attention heads and the dropout."""
    try:
        hidden, inputs = state["input_proj.0.weight"].shape
        last = max(int(key.split(".")[1]) for key in state if key.startswith("ensemble_combiner.") and key.endswith("bias"))
        blocks = {key.split(".")[1] for key in state if key.startswith("lstm_blocks.")}
        outputs = len(state[f"ensemble_combiner.{last}.bias"])
        sizes: dict[str, Any] = {"input_dim": inputs, "hidden_dim": hidden, "num_lstm_layers": len(blocks), "output_dim": outputs,
                 "kernels": _infer_kernels(state)}  # fmt: skip
        ModelConfig(**sizes, num_heads=1)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise CheckpointError(
            f"{name} has no tensors input_proj.0.weight and ensemble_combiner.*.bias: "
            f"it is not a state dict of the ComplexLSTM architecture."
        ) from error
    except ConfigError as error:
        raise CheckpointError(f"The sizes of {name} make no model. {error}") from error
    return sizes


def _infer_kernels(state: dict[str, Tensor]) -> Kernels:
    """Return the widths of the convolutions; the default ones where one is missing, which loading then names."""
    try:
        first, second = (
            tuple(state[f"{stage}.convs.{scale}.0.weight"].shape[-1] for scale in range(SCALES)) for stage in ("temp_conv1", "temp_conv2")
        )
    except KeyError:
        return ModelConfig().kernels
    return first, second


def _build(state: dict[str, Tensor], config: ModelConfig, name: str) -> ComplexLSTMModel:
    """Return the model of a state dict. Names and shapes are compared before anything of its size is allocated."""
    with torch.device("meta"):
        model = ComplexLSTMModel(**vars(config))
    try:
        found = model.load_state_dict(state, strict=False, assign=True)
        kinds = (("lack", found.missing_keys), ("have, beside ours,", found.unexpected_keys))
        faults = [f"{kind} {len(keys)}, such as {keys[0]}" for kind, keys in kinds if keys]
    except RuntimeError as error:
        faults = [f"differ: {str(error).splitlines()[1].strip().rstrip('.')}"]
    if faults:
        sizes = f"{config.input_dim} inputs, {config.hidden_dim} channels, {config.num_lstm_layers} BiLSTM blocks"
        raise CheckpointError(f"The tensors of {name} are not those of this architecture with {sizes}: they {'; they '.join(faults)}.")
    return model.eval()


def _check_fit(config: ModelConfig, schema: Schema, scaling: Scaling, name: str) -> None:
    features, outputs, values = len(schema.roles.features), len(schema.outputs), schema.roles.task == "values"
    recorded = (features, outputs, len(scaling.feature_mean), len(scaling.feature_std))
    fits = recorded == (config.input_dim, config.output_dim, features, features)
    if not fits or (values and {len(scaling.target_mean), len(scaling.target_std)} != {outputs}):
        raise CheckpointError(
            f"The metadata of {name} names {features} features and {outputs} outputs, with means for {recorded[2]} features; "
            f"the model takes {config.input_dim} and gives {config.output_dim}. Save it again with the schema that it was trained on."
        )
    for what, names, means, deviations in (
        ("feature", schema.roles.features, scaling.feature_mean, scaling.feature_std),
        ("target", schema.outputs if values else (), scaling.target_mean, scaling.target_std),
    ):
        for column, mean, deviation in zip(names, means, deviations, strict=False):
            if not (math.isfinite(mean) and math.isfinite(deviation) and deviation > 0):
                raise CheckpointError(
                    f"The metadata of {name} scale the {what} {column} with mean {mean} and standard deviation {deviation}, which no "
                    f"number survives. Save it again with the scaling that it was trained on."
                )
