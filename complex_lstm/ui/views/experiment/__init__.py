"""The page Experiment: the rail of a tool beside the picture of what it changes, before and after."""
