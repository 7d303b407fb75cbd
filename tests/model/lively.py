"""Models whose every part matters, windows to put into them, and what a model must not change by being looked at."""

import torch
from torch import Tensor, nn

from complex_lstm import ComplexLSTMModel


def liven(model: nn.Module, seed: int = 0) -> nn.Module:
    """Return the model in eval mode with no weight, bias or running statistic left at its trivial first value."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in [*model.named_parameters(), *model.named_buffers()]:
            if name.endswith("running_var"):
                value.uniform_(0.5, 2, generator=generator)
            elif value.is_floating_point() and not name.endswith("pe"):
                spread = 0.5 if value.ndim < 2 else 1 / value[0].numel() ** 0.5
                value.add_(spread * torch.randn(value.shape, generator=generator))
    return model.eval()


def small_model(**sizes: float) -> ComplexLSTMModel:
    """Return a lively model with 4 features, 16 channels, 4 BiLSTM blocks, 4 attention heads and 2 outputs."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return liven(ComplexLSTMModel(**{"input_dim": 4, "hidden_dim": 16, "num_heads": 4, "output_dim": 2} | sizes))


def random_windows(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def remembered(model: nn.Module) -> dict[str, object]:
    """Return everything that a run could leave behind on a model: attributes, hooks, flags and state."""
    modules = {name: sorted(module.__dict__) for name, module in model.named_modules()}
    hooks = {f"{name}.{kind}": len(value) for name, module in model.named_modules()
             for kind, value in module.__dict__.items() if "hooks" in kind and value is not None}  # fmt: skip
    flags = {name: module.training for name, module in model.named_modules()}
    gradients = {name: value.grad is not None for name, value in model.named_parameters()}
    state = {name: value.tolist() for name, value in model.state_dict().items()}
    return {"attributes": modules, "hooks": hooks, "training": flags, "gradients": gradients, "state": state}
