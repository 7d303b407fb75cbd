"""What went on inside a model while it learned, from the snapshots of a run."""
