"""Faults that tests put into the demo account: throttling, failures, refusals, ended sessions, answers cut short."""

from __future__ import annotations

import json
from threading import Lock

import msgspec

from advisor.demo.requests import Call

FOREVER = 1_000_000


class Fault(msgspec.Struct):
    """What happens to a call: `call` is `service:Operation`, `service:*` or `*`; `times` counts down."""

    call: str
    kind: str
    """`throttle`, `unavailable`, `denied`, `scp`, `skewed`, `expired`, `slow` or `garbage`."""
    times: int = FOREVER
    region: str = ""
    seconds: float = 0


ERRORS = {
    "throttle": (400, "Throttling", "Rate exceeded"),
    "unavailable": (503, "ServiceUnavailable", "The service is unavailable. Please retry."),
    "denied": (403, "AccessDenied", "User: {caller} is not authorized to perform: {call}"),
    "scp": (
        403,
        "AccessDenied",
        "User: {caller} is not authorized to perform: {call} with an explicit deny in a service control policy",
    ),
    "skewed": (
        403,
        "SignatureDoesNotMatch",
        "Signature expired: 20261124T080000Z is now earlier than 20261124T084500Z (20261124T090000Z - 15 min.)",
    ),
    "expired": (403, "ExpiredToken", "The security token included in the request is expired"),
}
CALLER = "arn:aws:sts::111122223333:assumed-role/Admin/demo"
FORMS = ("iam", "sts", "ec2", "sns", "sqs")


class Faults:
    """The faults that are set. Which calls were made is counted too, so that tests can see retries."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._calls: dict[str, int] = {}
        self._lock = Lock()

    def control(self, body: bytes) -> bytes:
        """Set the faults to those given (a JSON list) and start counting anew; answers the counts until now."""
        with self._lock:
            counts, self._calls = self._calls, {}
            self._faults = msgspec.json.decode(body or b"[]", type=list[Fault])
            return json.dumps(counts).encode()

    def of(self, call: Call) -> Fault | None:
        """The fault of a call, with one of its times used up."""
        with self._lock:
            self._calls[call.name] = self._calls.get(call.name, 0) + 1
            for fault in self._faults:
                if fault.times > 0 and _fits(fault, call):
                    fault.times -= 1
                    return fault
        return None


def _fits(fault: Fault, call: Call) -> bool:
    named = fault.call in ("*", call.name, f"{call.service}:*")
    return named and fault.region in ("", call.region)


def error_of(fault: Fault, call: Call) -> tuple[int, str, bytes]:
    """The answer of a fault in the form that the service uses."""
    if fault.kind == "garbage":
        return 200, "text/html", b"<html>not what was asked for"
    status, code, words = ERRORS[fault.kind]
    message = words.format(caller=CALLER, call=call.name)
    if call.service in ("s3", "s3control"):
        text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if call.service == "s3control":
            text = f"<ErrorResponse>{text}</ErrorResponse>"
        return status, "application/xml", text.encode()
    if call.service == "ec2":
        text = f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
        return status, "text/xml", text.encode()
    if call.service in FORMS and not call.body.startswith(b"{"):
        text = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        return status, "text/xml", text.encode()
    code = {"AccessDenied": "AccessDeniedException", "Throttling": "ThrottlingException"}.get(code, code)
    code = {"ExpiredToken": "ExpiredTokenException"}.get(code, code)
    return status, "application/json", json.dumps({"__type": code, "message": message}).encode()
