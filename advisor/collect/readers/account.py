"""The account as such: its summary, password policy, alias, contacts, plan and money alarms."""

from __future__ import annotations

from typing import Any

from advisor.collect.readers.part import Part
from advisor.collect.reading import Reading


def read_summary(reading: Reading) -> Part:
    answer = reading.call("iam:GetAccountSummary")
    return Part() if answer is None else Part(settings={"summary": dict(answer["SummaryMap"])})


def read_password_policy(reading: Reading) -> Part:
    answer = reading.call("iam:GetAccountPasswordPolicy", none=("NoSuchEntity", "NoSuchEntityException"))
    return Part() if answer is None else Part(settings={"password_policy": password_policy_from_aws(answer)})


def password_policy_from_aws(answer: dict[str, Any]) -> dict[str, bool | int]:
    """The fields of the policy; none where the account has no policy and AWS's default holds."""
    return {name: value for name, value in answer.get("PasswordPolicy", {}).items() if isinstance(value, bool | int)}


def read_alias(reading: Reading) -> Part:
    aliases = reading.pages("iam:ListAccountAliases", "AccountAliases")
    return Part(alias=aliases[0] if aliases else "")
