"""Bases, Obsidian's own views of notes. Format: its help, "Bases syntax"."""


def filled(template: str, folder: str) -> str:
    """Let the base *template* show the notes of *folder*, relative to the vault."""
    name = "/" if folder in {"", "."} else folder.strip("/")
    quote = "'" if '"' in name else '"'
    condition = f"file.inFolder({quote}{name}{quote})"
    # As a YAML text in single quotes, where nothing but these has a meaning.
    yaml = condition.replace("'", "''")
    return template.replace("@NOTES@", f"'{yaml}'")
