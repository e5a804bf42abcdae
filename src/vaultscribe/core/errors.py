"""The error tree: what went wrong, and who has to act.

    VaultscribeError
    ├── LinkError            about one link; the others go on
    │   ├── TransientError   try again later
    │   ├── PermanentError   tell the inbox
    │   └── NeedsUser        tell the inbox what to do
    └── ConfigError          stop

Anything else is a bug and flies. Each carries one plain sentence: what
happened, to which thing, what to do now.
"""


class VaultscribeError(Exception):
    """A failure that is told in one sentence."""


class LinkError(VaultscribeError):
    """A failure of one link."""


class TransientError(LinkError):
    """It may work later.

    Args:
        message: one sentence.
        retry_after_s: the earliest moment to try again, in seconds from now,
            when the other side named one.
    """

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PermanentError(LinkError):
    """It will never work."""


class NeedsUser(LinkError):  # noqa: N818 - the name says what it needs
    """It works once the user has done what the message says."""


class ConfigError(VaultscribeError):
    """The configuration or the machine's set-up is wrong; nothing can start."""
