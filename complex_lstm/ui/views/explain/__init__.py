"""The page Explain: one window in linked panes, and what they add up to."""
