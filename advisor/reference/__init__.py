"""The world outside the account as values: knowledge files loaded and checked, the service catalogue."""
