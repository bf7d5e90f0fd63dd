"""Policy documents out of files: each distinct text is parsed once, however many principals hold it."""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

from advisor.errors import InputError
from advisor.model.document import Document, parse_document
from advisor.model.gap import Gap

NOTHING = msgspec.Raw()
"""A member that was left out."""


def is_given(raw: msgspec.Raw) -> bool:
    """Whether a member was written and is not `null`."""
    return bytes(raw) not in (b"", b"null")


class Documents:
    """The distinct documents of one reading. Texts that are equal but for white space share one object."""

    def __init__(self) -> None:
        self._by_text: dict[bytes, Document] = {}
        self._by_digest: dict[str, Document] = {}
        self.gaps: list[Gap] = []
        """Documents that are none, in the order of reading: see `attempt`."""

    def attempt(self, raw: bytes | msgspec.Raw, place: str, gap: Gap) -> Document | None:
        """As `read`; `None` where it is no policy document, and then `gap` is noted with place and reason.

        AWS would never have accepted such a text, so the file was edited, or holds an element that is newer than we
        are: what it allows or denies is unknown, and everything else in the file is still good.
        """
        try:
            return self.read(raw, place)
        except InputError as error:
            reason = f"AWS would not accept this policy: {error.reason}, at `{error.place or place}`"
            self.gaps.append(msgspec.structs.replace(gap, reason=reason))
            return None

    def read(self, raw: bytes | msgspec.Raw, place: str) -> Document:
        """The document in a JSON value: an object, or a string that holds it, URL-encoded or plain.

        Raises:
            InputError: with the place, when it is no policy document.
        """
        text = bytes(raw)
        known = self._by_text.get(text)
        if known is None:
            known = self._by_text[text] = self._parse(text, place)
        return known

    def _parse(self, text: bytes, place: str) -> Document:
        try:
            document = parse_document(_inner_text(text) if text[:1] == b'"' else text)
        except InputError as error:
            inside = f"{place}.{error.place}" if error.place else place
            raise InputError(error.reason, place=inside) from error
        return self._by_digest.setdefault(document.digest, document)


def _inner_text(text: bytes) -> str:
    """The document in a JSON string. IAM's API URL-encodes it (RFC 3986); some tools have decoded it."""
    try:
        inner = msgspec.json.decode(text, type=str)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise InputError(f"the policy is no text: {error}") from error
    return inner if inner.lstrip()[:1] == "{" else unquote(inner)
