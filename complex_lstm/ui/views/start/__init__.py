"""What the Start page draws beside the samples and the uploads."""
