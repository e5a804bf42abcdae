"""The vault as a folder of text that others edit too."""
