"""Identity providers, instance profiles, and root access as the organization manages it."""

from __future__ import annotations

from typing import Any

from advisor.collect.readers.part import Part
from advisor.collect.reading import Reading
from advisor.model.snapshot import Provider


def read_providers(reading: Reading) -> Part:
    """SAML and OpenID Connect providers; none of them is read as known when one of the two lists is refused."""
    saml = reading.call("iam:ListSAMLProviders")
    oidc = reading.call("iam:ListOpenIDConnectProviders")
    if saml is None or oidc is None:
        return Part()
    found = [Provider(arn=entry["Arn"], kind="saml") for entry in saml["SAMLProviderList"]]
    found += [_read_oidc(reading, entry["Arn"]) for entry in oidc["OpenIDConnectProviderList"]]
    return Part(settings={"providers": tuple(found)})


def _read_oidc(reading: Reading, arn: str) -> Provider:
    answer = reading.call("iam:GetOpenIDConnectProvider", resource=arn, OpenIDConnectProviderArn=arn)
    return oidc_from_aws(arn, answer or {})


def oidc_from_aws(arn: str, answer: dict[str, Any]) -> Provider:
    url = answer.get("Url") or arn.split(":oidc-provider/", 1)[-1]
    return Provider(arn=arn, kind="oidc", url=url, audiences=tuple(answer.get("ClientIDList", ())))


def read_instance_profiles(reading: Reading) -> Part:
    """Every profile with its role; profiles without one are only here."""
    profiles = reading.pages("iam:ListInstanceProfiles", "InstanceProfiles")
    if profiles is None:
        return Part()
    found = tuple((entry["Arn"], tuple(role["Arn"] for role in entry["Roles"])) for entry in profiles)
    return Part(settings={"instance_profiles": found})
