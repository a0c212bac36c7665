"""Errors in arguments that argparse can't detect."""

from notification.domain.errors import NotificationError


class UsageError(NotificationError):
    """The arguments are wrong, and the command has done nothing. The exit code is 2, as for argparse's errors."""
