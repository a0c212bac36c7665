"""Notification: every user's in-app notification feed, over HTTP."""
