"""Floor 0: decisions without disk, network, clock or dice."""
