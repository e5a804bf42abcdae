"""Run `python -m vaultscribe` as the command `vaultscribe`."""

from vaultscribe.cli import run_and_exit

if __name__ == "__main__":
    run_and_exit()
