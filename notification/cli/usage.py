"""Arguments that make no sense together: what argparse can't tell by itself."""

from notification.domain.errors import NotificationError


class UsageError(NotificationError):
    """The arguments are wrong; nothing was done. The command ends with 2, as for those that argparse refuses."""
