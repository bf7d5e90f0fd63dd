"""Times as boto3 gives them."""

from __future__ import annotations

from typing import Any

from advisor.collect.export import date_of


def date_from_aws(moment: Any) -> str | None:
    """A time of boto3 (a `datetime`, in the machine's zone) as ISO 8601 in UTC."""
    return date_of(moment.isoformat() if hasattr(moment, "isoformat") else moment)
