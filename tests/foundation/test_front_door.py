"""The public names are those that we mean, and every module that they need is found."""

from __future__ import annotations

import inspect

import pytest

import advisor


def test_public_names_are_pinned() -> None:
    assert advisor.__all__ == ["Advisor", "AdvisorError", "Exit", "__version__", "open_account"]


@pytest.mark.parametrize("name", advisor.__all__)
def test_each_public_name_exists(name: str) -> None:
    assert getattr(advisor, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_like_it"):
        advisor.nothing_like_it  # noqa: B018


def test_the_front_door_has_the_methods_of_the_contract() -> None:
    contract = {"who_can", "can", "what_can", "findings", "difference"}
    public = {name for name, _ in inspect.getmembers(advisor.Advisor, inspect.isfunction) if not name.startswith("_")}
    assert contract <= public


def test_every_public_method_says_what_it_does() -> None:
    members = inspect.getmembers(advisor.Advisor, inspect.isfunction)
    assert [name for name, method in members if not name.startswith("_") and not method.__doc__] == []
