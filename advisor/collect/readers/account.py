"""The account as such: its summary, password policy, alias, contacts, plan and money alarms."""

from __future__ import annotations

from typing import Any

from advisor.collect.readers.part import Part
from advisor.collect.reading import Reading

CONTACTS = ("SECURITY", "BILLING", "OPERATIONS")


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


def read_contacts(reading: Reading) -> Part:
    """Which contacts there are. Who they are stays at AWS."""
    found: dict[str, bool] = {}
    for kind in CONTACTS:
        answer = reading.call(
            "account:GetAlternateContact", none=("ResourceNotFoundException",), AlternateContactType=kind
        )
        if answer is None:
            return Part()
        found[kind] = "AlternateContact" in answer
    return Part(settings={"contacts": found})


def read_contact_information(reading: Reading) -> Part:
    answer = reading.call("account:GetContactInformation", none=("ResourceNotFoundException",))
    if answer is None:
        return Part()
    found = answer.get("ContactInformation", {})
    return Part(extra={"setup.R3": bool(found.get("PhoneNumber") and found.get("AddressLine1"))})


def read_plan(reading: Reading) -> Part:
    """`FREE` or `PAID`, of the free tier's account plans; accounts from before them have none."""
    answer = reading.call("freetier:GetAccountPlanState", none=("ResourceNotFoundException",))
    if answer is None:
        return Part()
    status = answer.get("accountPlanStatus")
    return Part(
        settings={"plan": answer.get("accountPlanType") or "PAID"},
        extra={"account.plan_status": status} if status else {},
    )


def read_money_alarms(reading: Reading) -> Part:
    """Cost budgets that tell somebody, and monitors of unusual cost."""
    budgets = reading.pages(
        "budgets:DescribeBudgets", "Budgets", none=("NotFoundException",), AccountId=reading.account
    )
    monitors = reading.pages("ce:GetAnomalyMonitors", "AnomalyMonitors")
    found: dict[str, int] = {}
    if budgets is not None:
        told = [_tells_somebody(reading, budget) for budget in budgets]
        if any(told) or None not in told:
            found["budgets"] = sum(map(bool, told))
    if monitors is not None:
        found["anomaly_monitors"] = len(monitors)
    return Part(extra={"setup.B1": found}) if found else Part()


def _tells_somebody(reading: Reading, budget: dict[str, Any]) -> bool | None:
    """Whether the budget is one of cost with a notification; AWS makes no notification without a subscriber.

    `None`: its notifications could not be read.
    """
    if budget.get("BudgetType") != "COST":
        return False
    name = budget["BudgetName"]
    call = "budgets:DescribeNotificationsForBudget"
    listed = reading.pages(call, "Notifications", resource=name, AccountId=reading.account, BudgetName=name)
    return None if listed is None else bool(listed)


def read_region_status(reading: Reading) -> Part:
    """Every Region with whether it is switched on."""
    regions = reading.pages("account:ListRegions", "Regions")
    if regions is None:
        return Part()
    return Part(extra={"setup.G1": {entry["RegionName"]: entry["RegionOptStatus"] for entry in regions}})
