"""Run `python -m vaultscribe` as the command `vaultscribe`."""

from vaultscribe.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
