"""The Train page's parts: what to train and how, the run under way, and the runs there are."""
