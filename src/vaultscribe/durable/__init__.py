"""Durable jobs: the journey of each link survives crashes, on DBOS over SQLite.

The only door to DBOS.
"""

from vaultscribe.durable.engine import Engine, Journal, Pace

__all__ = ["Engine", "Journal", "Pace"]
