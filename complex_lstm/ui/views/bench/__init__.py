"""The bench: parts of the model switched off or replaced, and what that does."""
