"""Options and fixtures of all tests."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-notes",
        action="store_true",
        help="write tests/data/notes anew; look at the difference in git",
    )
