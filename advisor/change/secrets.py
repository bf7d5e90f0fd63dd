"""Secrets that a run makes or gets: shown once, and kept out of everything that is written."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any

Show = Callable[[str, str], None]
"""(what it is, the secret): shows it to the user, once."""

PASSWORD_LENGTH = 28
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!@#$%^&*()_+-=[]{}|'")
_KEPT = ("Id", "Arn", "ARN", "arn", "Name", "Url")


class Secrets:
    """The secrets of one run, by what they are."""

    def __init__(self, show: Show, length: int = PASSWORD_LENGTH) -> None:
        self._show = show
        self._length = max(length, PASSWORD_LENGTH)
        self._made: dict[str, str] = {}

    def make(self, name: str) -> str:
        """A password that any password policy accepts; the same one if the same name is asked again."""
        if name not in self._made:
            letters = [secrets.choice(group) for group in _CLASSES]
            letters += [secrets.choice("".join(_CLASSES)) for _ in range(self._length - len(letters))]
            secrets.SystemRandom().shuffle(letters)
            self._made[name] = "".join(letters)
        return self._made[name]

    def reveal(self, names: tuple[str, ...], answer: Mapping[str, Any]) -> None:
        """Show what a call used or returned, now that it has succeeded."""
        for name in names:
            if name in self._made:
                self._show(name, self._made.pop(name))
        key = answer.get("AccessKey")
        if isinstance(key, Mapping) and "SecretAccessKey" in key:
            self._show(f"secret of the access key {key['AccessKeyId']} of {key['UserName']}", key["SecretAccessKey"])

    def hidden(self, text: str) -> str:
        """The text without any of the secrets in it."""
        for secret in self._made.values():
            text = text.replace(secret, "(hidden)")
        return text


def secret_names(value: Any) -> tuple[str, ...]:
    """The names in every `{"secret": name}` of an operation's parameters."""
    if isinstance(value, Mapping):
        if set(value) == {"secret"}:
            return (value["secret"],)
        return tuple(name for part in value.values() for name in secret_names(part))
    if isinstance(value, list | tuple):
        return tuple(name for part in value for name in secret_names(part))
    return ()


def without_secrets(answer: Any) -> Any:
    """What a call returned, reduced to names and ids: all that later calls can refer to."""
    if isinstance(answer, Mapping):
        parts = {
            key: without_secrets(value)
            for key, value in answer.items()
            if key != "ResponseMetadata" and "Secret" not in key
            and (isinstance(value, Mapping) or (isinstance(value, str) and key.endswith(_KEPT)))
        }  # fmt: skip
        return {key: value for key, value in parts.items() if value != {}}
    return answer
