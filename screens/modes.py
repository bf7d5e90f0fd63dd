"""The modes that there are: key, name and first screen of each. A mode stands here when it works, never before."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding

from screens.base import AdvisorScreen
from screens.decide import DecideScreen
from screens.explore import ExploreScreen
from screens.findings import FindingsScreen
from screens.home import HomeScreen
from screens.paths import PathsScreen
from screens.plan import PlanScreen
from screens.records import RecordsScreen
from screens.setup import SetupScreen


class Mode(NamedTuple):
    key: str
    name: str
    title: str
    screen: type[AdvisorScreen]


MODES = (
    Mode("1", "home", "Home", HomeScreen),
    Mode("2", "decide", "Decide", DecideScreen),
    Mode("3", "explore", "Explore", ExploreScreen),
    Mode("4", "paths", "Paths", PathsScreen),
    Mode("5", "findings", "Findings", FindingsScreen),
    Mode("6", "setup", "Set-up", SetupScreen),
    Mode("7", "records", "Records", RecordsScreen),
    Mode("8", "plan", "Plan", PlanScreen),
)


def tabs() -> tuple[tuple[str, str, str], ...]:
    """(key, name, title) for the row of tabs."""
    return tuple((mode.key, mode.name, mode.title) for mode in MODES)


def bindings() -> list[Binding]:
    return [Binding(mode.key, f"go('{mode.name}')", mode.title, id=f"mode.{mode.name}", show=False) for mode in MODES]
