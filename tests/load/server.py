"""An account of any size behind AWS's interface: pages as AWS makes them, and faults as AWS has them.

`python -m tests.load.server PRINCIPALS SEED FAULTS` prints its port and serves until standard input closes. The
principals are those of `tests.generate`; what is not about principals is refused, as to somebody who may read IAM only.
FAULTS is the share of answers, in a thousand, that is throttled, fails, is cut off half-way, or comes late.
"""

from __future__ import annotations

import base64
import json
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator
from threading import Lock, Thread
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from advisor.demo.faults import Fault, error_of
from advisor.demo.requests import Call
from tests.generate.account import ACCOUNT, generate

LATE_SECONDS = 0.2
KINDS = ("throttle", "unavailable", "cut", "late")
REPORT = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
    "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
    "cert_2_last_rotated"
)

REST = ",".join(["false", *["N/A"] * 4, *["false", "N/A"] * 2])
"""A second key and two certificates that are not there."""


def as_xml(name: str, value: Any) -> str:
    """Values in the form of AWS's query protocol; documents URL-encoded."""
    if isinstance(value, dict) and name.endswith("Document"):
        value = quote(json.dumps(value))
    if isinstance(value, dict):
        inner = "".join(as_xml(key, item) for key, item in value.items() if item is not None)
    elif isinstance(value, list):
        inner = "".join(as_xml("member", item) for item in value)
    else:
        inner = "" if value is None else str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{inner}</{name}>"


class Account:
    """What the calls answer. Each page is rendered when it is asked for."""

    def __init__(self, principals: int, seed: int) -> None:
        export = generate(principals, seed).export
        for policy in export["Policies"]:
            for version in policy["PolicyVersionList"]:
                version["Document"] = _as_text(version["Document"])
        self.items = [(kind, item) for kind, items in export.items() for item in items]
        self.users, self.roles = export["UserDetailList"], export["RoleDetailList"]
        self.policies = {policy["Arn"]: policy for policy in export["Policies"]}

    def answer(self, operation: str, asked: dict[str, str]) -> str | None:
        """The inside of the result; `None` where the call is refused."""
        make = getattr(self, f"_{operation}", None)
        return None if make is None else "".join(make(asked))

    def _GetCallerIdentity(self, asked: dict[str, str]) -> Iterator[str]:
        yield (
            as_xml("Arn", f"arn:aws:iam::{ACCOUNT}:user/reader")
            + as_xml("UserId", "AIDAREADER")
            + as_xml("Account", ACCOUNT)
        )

    def _GetAccountAuthorizationDetails(self, asked: dict[str, str]) -> Iterator[str]:
        start, most = int(asked.get("Marker", "0")), int(asked.get("MaxItems", "100"))
        page = self.items[start : start + most]
        for kind in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"):
            yield as_xml(kind, [item for own, item in page if own == kind])
        yield from self._more(start + most, len(self.items))

    def _ListRoles(self, asked: dict[str, str]) -> Iterator[str]:
        start, most = int(asked.get("Marker", "0")), int(asked.get("MaxItems", "100"))
        keys = ("Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument")
        page = self.roles[start : start + most]
        yield as_xml("Roles", [{**{key: role[key] for key in keys}, "MaxSessionDuration": 7200} for role in page])
        yield from self._more(start + most, len(self.roles))

    def _GetPolicy(self, asked: dict[str, str]) -> Iterator[str]:
        policy = self.policies[asked["PolicyArn"]]
        keys = ("PolicyName", "Arn", "Path", "DefaultVersionId")
        yield as_xml("Policy", {**{key: policy[key] for key in keys}, "Description": "d", "Tags": []})

    def _GenerateCredentialReport(self, asked: dict[str, str]) -> Iterator[str]:
        yield as_xml("State", "COMPLETE")

    def _GetCredentialReport(self, asked: dict[str, str]) -> Iterator[str]:
        rows = [REPORT]
        for number, user in enumerate(self.users):
            key = "true,2024-01-01T00:00:00+00:00" if number % 10 == 0 else "false,N/A"
            head = f"{user['UserName']},{user['Arn']},2020-01-01T00:00:00+00:00,true,no_information"
            rows.append(f"{head},2024-01-01T00:00:00+00:00,N/A,false,{key},N/A,N/A,N/A,{REST}")
        yield as_xml("Content", base64.b64encode("\n".join(rows).encode()).decode()) + as_xml(
            "ReportFormat", "text/csv"
        )

    def _ListAccessKeys(self, asked: dict[str, str]) -> Iterator[str]:
        name = asked["UserName"]
        entry = {"UserName": name, "AccessKeyId": f"AKIAEXAMPLE{name.upper():X<9}"[:20], "Status": "Active"}
        yield as_xml("AccessKeyMetadata", [{**entry, "CreateDate": "2024-01-01T00:00:00Z"}]) + as_xml(
            "IsTruncated", False
        )

    def _GetAccessKeyLastUsed(self, asked: dict[str, str]) -> Iterator[str]:
        yield as_xml("AccessKeyLastUsed", {"Region": "N/A", "ServiceName": "N/A"})

    def _more(self, reached: int, total: int) -> Iterator[str]:
        yield as_xml("IsTruncated", reached < total)
        if reached < total:
            yield as_xml("Marker", str(reached))


def _as_text(document: Any) -> Any:
    return document if isinstance(document, str) else quote(json.dumps(document))


class Front:
    """The WSGI application. Every so many answers a fault comes instead, in turn."""

    def __init__(self, account: Account, faults: int) -> None:
        self.account = account
        self.faults = faults
        self.counts = dict.fromkeys((*KINDS, "refused", "answered"), 0)
        self._random = random.Random(7)
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/counts":
            return self._respond(start_response, 200, "application/json", json.dumps(self.counts).encode())
        call = Call(environ)
        fault = self._fault()
        inner = self.account.answer(call.operation, call.form) if call.service in ("iam", "sts") else None
        if fault in ("throttle", "unavailable"):
            return self._respond(start_response, *error_of(Fault(call.name, fault), call))
        if inner is None:
            self._count("refused")
            return self._respond(start_response, *error_of(Fault(call.name, "denied"), call))
        self._count("answered")
        name = call.operation
        body = f"<{name}Response><{name}Result>{inner}</{name}Result></{name}Response>".encode()
        if fault == "late":
            time.sleep(LATE_SECONDS)
        return self._respond(start_response, 200, "text/xml", body, cut=fault == "cut")

    def _fault(self) -> str:
        with self._lock:
            if self._random.random() * 1000 >= self.faults:
                return ""
            kind = self._random.choice(KINDS)
        self._count(kind)
        return kind

    def _count(self, kind: str) -> None:
        with self._lock:
            self.counts[kind] += 1

    def _respond(
        self, start_response: Any, status: int, kind: str, body: bytes, *, cut: bool = False
    ) -> Iterable[bytes]:
        start_response(f"{status} x", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        if cut:
            return self._half(body)
        return [body]

    def _half(self, body: bytes) -> Iterator[bytes]:
        yield body[: len(body) // 2]
        raise ConnectionAbortedError("the answer ends here")


class _Handler(MotoRequestHandler):  # type: ignore[misc]
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


def main(principals: str, seed: str, faults: str) -> None:
    front = Front(Account(int(principals), int(seed)), int(faults))
    server = make_server("127.0.0.1", 0, front, threaded=True, request_handler=_Handler)
    print(server.server_port, flush=True)
    Thread(target=server.serve_forever, daemon=True).start()
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
