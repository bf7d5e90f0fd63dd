"""Which call a request is: service and operation, read from the signature, the body, the target or the path."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import Any
from urllib.parse import parse_qs

Environ = dict[str, Any]

_NAMES = {"sso": "sso-admin", "tagging": "resourcegroupstaggingapi", "access-analyzer": "accessanalyzer"}
"""Names in signatures that are not boto3's names of the services."""
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")


ROUTES = {
    ("accessanalyzer", "GET", "/analyzer"): "ListAnalyzers",
    ("accessanalyzer", "PUT", "/analyzer"): "CreateAnalyzer",
    ("accessanalyzer", "POST", "/finding"): "ListFindings",
    ("accessanalyzer", "POST", "/findingv2"): "ListFindingsV2",
    ("accessanalyzer", "POST", "/policy/validation"): "ValidatePolicy",
    ("account", "POST", "/listRegions"): "ListRegions",
    ("account", "POST", "/getContactInformation"): "GetContactInformation",
    ("account-access", "POST", "/applications-list"): "ListApplications",
    ("eks", "GET", "/clusters"): "ListClusters",
    ("ram", "POST", "/getresourceshares"): "GetResourceShares",
    ("ram", "POST", "/listprincipals"): "ListPrincipals",
    ("ram", "POST", "/listresources"): "ListResources",
    ("rolesanywhere", "GET", "/trustanchors"): "ListTrustAnchors",
    ("rolesanywhere", "GET", "/profiles"): "ListProfiles",
    ("securityhub", "GET", "/accounts"): "DescribeHub",
}
"""REST calls that the front answers itself, so that no model is needed to know them."""


class Call:
    """One request: `name` is `service:Operation`; `parameters` are there for services with JSON or form bodies."""

    def __init__(self, environ: Environ) -> None:
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        self.region, signed = (scope.group(1), scope.group(2)) if scope else ("us-east-1", "s3")
        self.service = _service(signed, environ.get("PATH_INFO", ""))
        self.body = _body(environ)
        self._path = environ.get("PATH_INFO", "/")
        self._method = environ.get("REQUEST_METHOD", "GET")
        self._query = environ.get("QUERY_STRING", "")
        self.operation = _operation(environ, self.body) or ROUTES.get((self.service, self._method, self._path), "")

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    @property
    def path(self) -> str:
        return str(self._path)

    def look_up(self) -> None:
        """Find out the operation of any REST service. It takes botocore's models, which are slow to load."""
        if not self.operation:
            self.operation = _by_path(self.service, self._method, self._path, self._query)

    @property
    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body.decode("utf-8", "replace")).items()}


def _service(signed: str, path: str) -> str:
    if signed == "s3" and path.startswith("/v20180820/"):
        return "s3control"
    return _NAMES.get(signed, signed)


def _body(environ: Environ) -> bytes:
    """The body, put back for whoever reads next."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _operation(environ: Environ, body: bytes) -> str:
    """The operation where target, path or form name it; REST services do not."""
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return str(target.rsplit(".", 1)[-1])
    path = environ.get("PATH_INFO", "/")
    if "/operation/" in path:
        return str(path.rsplit("/operation/", 1)[-1])
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded") and b"Action=" in body:
        return parse_qs(body.decode("utf-8", "replace"))["Action"][0]
    return ""


def _by_path(service: str, method: str, path: str, query: str) -> str:
    """The operation of a REST service whose template fits best: most fixed parts of the query, then of the path."""
    asked = {part.split("=", 1)[0] for part in query.split("&") if part}
    best = (-1, -1)
    name = ""
    for verb, pattern, needed, weight, operation in _templates(service):
        if verb == method and needed <= asked and pattern.fullmatch(path) and (len(needed), weight) > best:
            best, name = (len(needed), weight), operation
    return name


@cache
def _templates(service: str) -> list[tuple[str, re.Pattern[str], frozenset[str], int, str]]:
    from botocore.exceptions import UnknownServiceError
    from botocore.session import get_session

    try:
        model = get_session().get_service_model(service)
    except UnknownServiceError:
        return []
    return [_template(model.operation_model(name)) for name in model.operation_names]


def _template(operation: Any) -> tuple[str, re.Pattern[str], frozenset[str], int, str]:
    uri, _, query = operation.http["requestUri"].partition("?")
    pattern = re.sub(r"\\\{[^}]*?\\\+\\\}", ".+", re.escape(uri))
    pattern = re.sub(r"\\\{[^}]*?\\\}", "[^/]+", pattern)
    needed = frozenset(part.split("=", 1)[0] for part in query.split("&") if part)
    fixed = len(re.sub(r"\{[^}]*\}", "", uri))
    return operation.http["method"], re.compile(pattern + "/?"), needed, fixed, operation.name
