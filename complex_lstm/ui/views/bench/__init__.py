"""The views of the Bench page: parts of the model switched off or replaced, and the effect."""
