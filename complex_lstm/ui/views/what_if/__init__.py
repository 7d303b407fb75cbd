"""The tool that edits the window: its edits, what follows from them, and the smallest change that flips the prediction."""
