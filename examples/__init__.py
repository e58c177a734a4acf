"""Applications to look at and to run."""
