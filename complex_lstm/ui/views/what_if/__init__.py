"""What if the window were another: its edits, what follows from them, and the smallest change that turns the prediction."""
