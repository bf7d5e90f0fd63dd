"""Widgets that more than one screen uses. Each posts its own messages upward."""
