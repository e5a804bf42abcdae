"""The lock of a vault."""

from pathlib import Path

import pytest

from vaultscribe.adapters.lock import only_one
from vaultscribe.core.errors import ConfigError


def test_a_vault_is_worked_on_by_one_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "locks" / "key"

    with (
        only_one(lock, tmp_path),
        pytest.raises(ConfigError, match="another vaultscribe"),
        only_one(lock, tmp_path),
    ):
        pass


def test_the_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    lock = tmp_path / "locks" / "key"
    with only_one(lock, tmp_path):
        pass

    with only_one(lock, tmp_path):
        assert lock.exists()
