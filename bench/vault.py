"""Run the bench of the vault's index: `python bench/vault.py [COUNT …]`.

A file of its own, because the processes that help to read a vault import this one.
"""

if __name__ == "__main__":
    from indexing import main

    main()
