"""Which principals are kept for emergencies: by their path, a tag, or their name."""

from __future__ import annotations

from advisor.model.principal import Role, User
from advisor.reference.knowledge import load

_PATH, _TAG = "/break-glass/", "break-glass"


def is_emergency(principal: User | Role) -> bool:
    """A break-glass principal, which is meant to lie unused and to be strong."""
    if principal.path.startswith(_PATH) or any(key.lower() == _TAG for key, _ in principal.tags):
        return True
    plain = "".join(letter for letter in principal.name.lower() if letter.isalnum())
    return any(word in plain for word in load("lists")["break-glass-words"].items)
