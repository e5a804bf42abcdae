"""Speech to text. This release has no engine and says so."""

from typing import NoReturn

from vaultscribe.core.errors import NeedsUser
from vaultscribe.core.model import Link, Media


class NoEngine:
    """Stands where a speech engine will: it tells how to get one."""

    def transcribe(self, media: Media, link: Link) -> NoReturn:  # noqa: ARG002 - the port
        """Refuse.

        Raises:
            NeedsUser: always.
        """
        raise NeedsUser(
            "no captions: install a speech engine with "
            '`pip install "vaultscribe[speech]"`, then remove this arrow'
        )
