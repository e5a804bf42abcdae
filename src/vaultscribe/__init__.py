"""Links dropped into an Obsidian inbox become notes worth keeping."""

__version__ = "0.1.0"
