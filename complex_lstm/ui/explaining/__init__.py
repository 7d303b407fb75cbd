"""What is explained and by which methods, for every view that has explanations."""
