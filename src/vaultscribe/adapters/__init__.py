"""Floor 1: the outside world, one file for each heavy library."""
