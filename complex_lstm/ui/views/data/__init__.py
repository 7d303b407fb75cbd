"""The page Data: what is told of a file before a model is trained on it."""
