"""Many files through one model: each becomes one part of a Parquet data set, in this process, in several, or on a Ray cluster."""
