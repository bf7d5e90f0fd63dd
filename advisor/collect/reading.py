"""One reading of an account: calls that note their gaps and go on, pages, many calls at once, progress and stopping."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, local
from typing import Any, TypeVar

import msgspec

from advisor.collect.calls import Clients
from advisor.collect.documents import Documents
from advisor.collect.permissions import reads
from advisor.errors import InputError, SignInError
from advisor.model.document import Document
from advisor.model.gap import Gap

Progress = Callable[[str, int, int | None], None]
"""(what, how many are done, of how many): called from any thread."""
Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = 16
_BROKEN_ATTEMPTS = 3
"""How often a call is made whose answer breaks off half-way: the SDK repeats such a call in none of its modes."""
STOPPED = "stopped before it was read"
EXPIRED = "the sign-in ended before it was read"

_REFUSED = {
    "AccessDenied", "AccessDeniedException", "AccessDeniedForDependencyException", "AuthorizationError",
    "AuthorizationErrorException", "Forbidden", "ForbiddenException", "NotAuthorized", "OptInRequired",
    "SubscriptionRequiredException", "UnauthorizedException", "UnauthorizedOperation", "403",
}  # fmt: skip
_EXPIRED = {
    "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "InvalidClientTokenId",
    "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken",
}  # fmt: skip
_SIGN_IN_ERRORS = {
    "CredentialRetrievalError", "LoginInsufficientPermissions", "LoginRefreshRequired", "LoginTokenLoadError",
    "NoCredentialsError", "PartialCredentialsError", "RefreshWithMFAUnsupportedError", "SSOTokenLoadError",
    "TokenRetrievalError", "UnauthorizedSSOTokenError",
}  # fmt: skip
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class _Miss(msgspec.Struct, frozen=True):
    call: str
    kind: str
    reason: str
    resource: str | None
    region: str | None
    unknown: str


class Reading:
    """Makes the calls of one reading. What AWS refuses, or what fails, becomes a gap; the reading goes on.

    A sign-in that has ended is noticed once (`expired`); the calls still to come become gaps without being made.
    """

    def __init__(
        self, clients: Clients, account: str, *, progress: Progress | None = None, cancel: Event | None = None
    ) -> None:
        self.clients = clients
        self.account = account
        self.partition = clients.partition
        self.regions: tuple[str, ...] = ()
        """The Regions that are read."""
        self.documents = Documents()
        self.cancel = cancel or Event()
        self.expired = Event()
        self._progress = progress
        self._misses: list[_Miss] = []
        self._lock = Lock()
        self._here = local()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="read")

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def call(
        self,
        name: str,
        region: str | None = None,
        *,
        resource: str | None = None,
        none: Collection[str] = (),
        **parameters: Any,
    ) -> dict[str, Any] | None:
        """Make one call (`iam:GetRole`). `None`: it failed, and there is a gap.

        `none` holds the error codes with which AWS says that there is nothing: they give an empty answer.
        """
        self._here.call = (name, region, resource)
        stop = self._why_stopped()
        if stop:
            self._miss(name, "failed", stop, resource, region)
            return None
        for attempt in range(_BROKEN_ATTEMPTS):
            try:
                return self._method(name, region)(**parameters)  # type: ignore[no-any-return]
            except Exception as error:
                if _is_broken_off(error) and attempt + 1 < _BROKEN_ATTEMPTS:
                    continue
                if _code(error) in none:
                    return {}
                self._note(name, error, resource, region)
                break
        return None

    def pages(
        self,
        name: str,
        key: str,
        region: str | None = None,
        *,
        resource: str | None = None,
        none: Collection[str] = (),
        partly: bool = False,
        **parameters: Any,
    ) -> list[Any] | None:
        """Everything under `key` of all pages. `None`: a page failed, and there is a gap.

        `partly` is for lists of things that stand for themselves: the pages before the one that failed are kept.
        """
        found: list[Any] | None = None
        token: dict[str, Any] = {}
        while True:
            page = self.call(name, region, resource=resource, none=none, **parameters, **token)
            if page is None:
                return found if partly else None
            found = [*(found or ()), *(page.get(key) or ())]
            before, token = token, _next_page(page)
            if not token or token == before:
                return found

    def each(self, what: str, items: Sequence[Item], work: Callable[[Item], Result]) -> list[Result | None]:
        """Do the work for each item, many at once, in their order; `what` names them in the progress.

        Where an answer is not what it should be, that item becomes a gap and `None`. Call it from outside the pool's
        own threads only: work never fans out again.
        """
        done = 0

        def one(item: Item) -> Result | None:
            nonlocal done
            result = self.guard(work, item)
            with self._lock:
                done += 1
                count = done
            self.report(what, count, len(items))
            return result

        return list(self._pool.map(one, items))

    def guard(self, work: Callable[..., Result], *arguments: Any) -> Result | None:
        """Do the work; an answer that is not what it should be becomes a gap of the call that gave it."""
        try:
            return work(*arguments)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, msgspec.MsgspecError) as error:
            name, region, resource = self._here.call
            reason = f"the answer is not what it should be: {describe(error)}"
            self.miss(name, "failed", reason, resource=resource, region=region)
            return None

    def document(self, source: str | dict[str, Any], call: str, resource: str) -> Document | None:
        """The policy document in an answer, as text or JSON values. `None`: it cannot be read, and there is a gap."""
        try:
            return self.documents.read(msgspec.json.encode(source), resource)
        except InputError as error:
            self.miss(call, "failed", f"the policy cannot be read: {error}", resource=resource)
            return None

    def report(self, what: str, done: int, total: int | None = None) -> None:
        if self._progress:
            self._progress(what, done, total)

    def miss(
        self, call: str, kind: str, reason: str, *, resource: str | None = None, region: str | None = None
    ) -> None:
        """Note a gap that is not an error of a call, such as an answer that cannot be read."""
        self._miss(call, kind, reason, resource, region)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not read, in a fixed order: the same miss in several Regions is one gap that names them."""
        with self._lock:
            misses = list(dict.fromkeys(self._misses))
        grouped: dict[tuple[str, str, str, str | None, str], list[str]] = {}
        for miss in misses:
            key = (miss.call, miss.kind, miss.reason, miss.resource, miss.unknown)
            regions = grouped.setdefault(key, [])
            if miss.region and miss.resource is None:
                regions.append(miss.region)
        gaps = [
            Gap(call, kind, reason, f"{unknown} in {', '.join(sorted(regions))}" if regions else unknown, resource)
            for (call, kind, reason, resource, unknown), regions in grouped.items()
        ]
        gaps += self.documents.gaps
        return tuple(sorted(gaps, key=lambda gap: (gap.call, gap.resource or "", gap.reason, gap.makes_unknown)))

    def _why_stopped(self) -> str:
        if self.cancel.is_set():
            return STOPPED
        return EXPIRED if self.expired.is_set() else ""

    def _method(self, name: str, region: str | None) -> Callable[..., Any]:
        from botocore import xform_name

        service, operation = name.split(":")
        method: Callable[..., Any] = getattr(self.clients.get(service, region), xform_name(operation))
        return method

    def _note(self, name: str, error: Exception, resource: str | None, region: str | None) -> None:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        if is_sign_in_error(error) and self._is_over(error, region):
            self.expired.set()
        elif not isinstance(error, BotoCoreError | ClientError | ResponseParserError):
            raise error
        self._miss(name, "refused" if is_refused(error) else "failed", describe(error), resource, region)

    def _is_over(self, error: Exception, region: str | None) -> bool:
        """Whether the whole sign-in is over. A Region that is switched off does not know any token either."""
        elsewhere = region not in (None, self.clients.home_region)
        return not (
            elsewhere and _code(error) in ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken")
        )

    def _miss(self, call: str, kind: str, reason: str, resource: str | None, region: str | None) -> None:
        unknown = reads()[call].unknown
        with self._lock:
            self._misses.append(_Miss(call, kind, reason, resource, region, unknown))


def describe(error: Exception) -> str:
    """What went wrong in one line: AWS's code and words, without key ids, control characters or endless messages."""
    code = _code(error)
    text = str(error.response["Error"].get("Message") or "") if code and hasattr(error, "response") else str(error)
    text = text.split("Encoded authorization failure message")[0]
    text = _CONTROL.sub(" ", _KEY_ID.sub("(key id)", text)).strip()
    line = f"{code}: {text}" if code and text else code or text or type(error).__name__
    return line if len(line) <= 300 else line[:299] + "…"


def _is_broken_off(error: Exception) -> bool:
    from botocore.parsers import ResponseParserError

    return isinstance(error, ResponseParserError)


def is_sign_in_error(error: Exception) -> bool:
    """Whether AWS (or the SDK) says that the credentials are missing, expired or unknown."""
    return (
        isinstance(error, SignInError)
        or _code(error) in _EXPIRED
        or any(kind.__name__ in _SIGN_IN_ERRORS for kind in type(error).__mro__)
    )


def is_refused(error: Exception) -> bool:
    """Whether AWS says that these credentials may not make the call."""
    if _code(error) in _REFUSED:
        return True
    response = getattr(error, "response", None) or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode") if isinstance(response, dict) else None
    return status == 403 and _code(error) not in _EXPIRED


def _code(error: Exception) -> str:
    """AWS's error code, empty for errors of the SDK itself. Some protocols put a prefix or a suffix on it."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return str(code or "").rsplit("#", 1)[-1].split(":", 1)[0].removeprefix("AWS.SimpleQueueService.")


def _next_page(page: dict[str, Any]) -> dict[str, Any]:
    """The parameter that asks for the next page. AWS names it in a handful of ways, most of them the same both ways."""
    if page.get("IsTruncated") is False or page.get("Truncated") is False:
        return {}
    for out, into in _TOKENS:
        value = page.get(out)
        if value:
            return {into: value}
    return {}


_TOKENS: Iterable[tuple[str, str]] = (
    ("NextToken", "NextToken"),
    ("nextToken", "nextToken"),
    ("NextPageToken", "NextPageToken"),
    ("PaginationToken", "PaginationToken"),
    ("ContinuationToken", "ContinuationToken"),
    ("NextMarker", "Marker"),
    ("Marker", "Marker"),
)
