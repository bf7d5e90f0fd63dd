"""Which part of a text is a name, and which AWS's own: ARNs, policy elements, condition keys, subjects of tokens."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from advisor.collect.redact.addresses import Addresses, network_of
from advisor.collect.redact.words import Words, lower
from advisor.reference import catalogue
from advisor.reference.knowledge import load

_ARN_PART = re.compile(r"[a-z0-9*?-]*")
_SERVICE_NAME = re.compile(r"[a-z0-9*?.-]*\.amazonaws\.com(?:\.cn)?")
_TAG_KEY = re.compile(r"([^/]*tag)/(.*)", re.IGNORECASE | re.S)
_CONTEXT_KEY = re.compile(r"(kms:encryptioncontext:)(.*)", re.IGNORECASE | re.S)
_VARIABLE = re.compile(r"\$\{([^,}]*)(.*)\}", re.S)
_VARIABLES = re.compile(r"\$\{[^{}]*\}")
_ITS_OWN = re.compile(r"awsservicerolefor\w*")
_CODE = re.compile(r"[A-Za-z][\w.]*")
_AS_WRITTEN = ("Numeric", "Date", "Bool", "Null")


class Texts:
    """Replaces the names in a text. Until `settle` is called it only takes note of them and returns texts as they are.

    Both passes take the same way through a snapshot, so that nothing is replaced that was not noted.
    """

    def __init__(self, key: bytes) -> None:
        self.words = Words(key)
        self.addresses = Addresses(key)
        self._settled = False
        for word in _listed("redact-kept-words") + _listed("cost-tag-keys") + _listed("environment-tag-keys"):
            self.words.note(word, keep=True)
        for spellings in _listed("environment-words"):
            self.words.note(spellings.replace("|", " "), keep=True)
        for word in _listed("break-glass-words"):
            self.words.note(f"*{word}*", keep=True)  # the practices find it inside of other words too

    def settle(self) -> None:
        self.words.settle()
        self.addresses.settle()
        self._settled = True

    def text(self, text: str, *, keep: bool = False) -> str:
        """Any text: its words replaced, separators and wildcards kept. `keep`: it is AWS's own."""
        if not self._settled:
            self.words.note(text, keep=keep)
            for variable in _VARIABLES.findall(text):
                self.variable(variable)
            return text
        return self.words.changed(text, self.variable)

    def keep(self, text: str) -> str:
        return self.text(text, keep=True)

    def any(self, text: str) -> str:
        """A text of which only the look tells what it is: an ARN, an address, a service's name, or a name."""
        if text.startswith("arn:"):
            return self.arn(text)
        if network_of(text) is not None:
            return self.address(text)
        if _SERVICE_NAME.fullmatch(text):
            return text
        if text.startswith("alias/aws/") or _ITS_OWN.match(text.lower()):
            return self.keep(text)
        return self.text(text)

    def address(self, text: str) -> str:
        if network_of(text) is None:
            return self.text(text)
        if not self._settled:
            self.addresses.note(text)
        return self.addresses.changed(text) if self._settled else text

    def arn(self, text: str) -> str:
        """Partition, service, Region and the words of the ARN's format stay; account and resource are replaced."""
        parts = text.split(":", 5)
        if len(parts) == 6 and parts[4] == "aws":
            return self.keep(text)
        start = [part if _ARN_PART.fullmatch(part) else self.text(part) for part in parts[1:4]]
        account = parts[4:5]
        if account and account[0] not in ("", "cloudfront"):
            account = [self.text(account[0])]
        resource = [self.resource(parts[2], part) for part in parts[5:]]
        return ":".join([parts[0], *start, *account, *resource])

    def resource(self, service: str, text: str) -> str:
        """The part of an ARN behind the account."""
        for segment in re.split(r"[/:]", text):
            if segment in _format_words(service):
                self.keep(segment)
        before, sign, issuer = text.partition("oidc-provider/")
        if sign:
            return self.text(before) + sign + self.issuer(issuer)
        if "/aws-service-role/" in text or "/aws-reserved/" in text:
            self.keep("aws-service-role aws-reserved sso.amazonaws.com")
        return self.text(text)

    def path(self, path: str) -> str:
        """A path of IAM; those of AWS's own roles stay."""
        return self.keep(path) if path.startswith(("/aws-service-role/", "/aws-reserved/")) else self.text(path)

    def issuer(self, text: str) -> str:
        """The address of an identity provider. One that everybody may use tells nothing and stays."""
        host, sign, rest = text.removeprefix("https://").partition("/")
        known = host in _listed("ci-issuers") + _listed("redact-kept-issuers") or _SERVICE_NAME.fullmatch(host)
        prefix = text[: len(text) - len(text.removeprefix("https://"))]
        if host.startswith("oidc.eks."):
            self.keep("id")
        return prefix + (self.keep(host) if known else self.text(host)) + sign + self.text(rest)

    def tag_key(self, key: str) -> str:
        return key if key.lower().startswith("aws:") else self.text(key)

    def condition_key(self, key: str) -> str:
        """A condition key: AWS's words stay, a tag's key, an encryption context's key or an issuer is replaced."""
        if found := _TAG_KEY.fullmatch(key):
            return f"{found[1]}/{self.tag_key(found[2])}"
        if found := _CONTEXT_KEY.fullmatch(key):
            return found[1] + self.text(found[2])
        issuer, sign, claim = key.rpartition(":")
        return self.issuer(issuer) + sign + claim if "." in issuer else key

    def variable(self, text: str) -> str:
        """A policy variable `${key, 'default'}`; those that stand for a sign (`${*}`) stay."""
        found = _VARIABLE.fullmatch(text)
        return "${" + self.condition_key(found[1]) + self.text(found[2]) + "}" if found and len(text) > 4 else text

    def condition_value(self, operator: str, key: str, value: Any) -> Any:
        base = operator.rpartition(":")[2]
        if isinstance(value, bool) or base.startswith(_AS_WRITTEN) or key.lower() in _kept_keys():
            return value
        text = str(value)
        if "IpAddress" in base:
            return self.address(text)
        if key.lower().endswith(":sub"):
            for word in re.split(r"[:/]", text):
                if word in _listed("redact-kept-claims"):
                    self.keep(word)
        return self.any(text)

    def told(self, text: str) -> str:
        """Words for people, which may name things: of AWS's message only its code, of our own all but the names."""
        code, sign, _ = text.partition(": ")
        if sign and _CODE.fullmatch(code):
            return code
        if not self._settled:
            return text
        return re.sub(r"[^\W_]+", lambda found: self._name(found.group()), code)

    def _name(self, word: str) -> str:
        return self.words.changed_word(word) if self.words.knows(word) else word


@cache
def _listed(name: str) -> tuple[str, ...]:
    return tuple(load("lists")[name].items)


@cache
def _kept_keys() -> frozenset[str]:
    return frozenset(map(lower, _listed("redact-kept-values")))


@cache
def _format_words(service: str) -> frozenset[str]:
    """The words that are literal in the ARN formats of a service: `role`, `log-group`. Of several services, IAM's."""
    named = "iam" if "*" in service or "?" in service else service
    formats = (item.arn.split(":", 5)[-1] for item in catalogue.resource_types_of(named))
    found = {segment for text in formats for segment in re.split(r"[/:]", text) if segment and "${" not in segment}
    return frozenset(found | ({"root"} if named in ("iam", "sts") else set()))
