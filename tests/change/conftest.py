"""The demo account, running: changes are applied to it and read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.account import Advisor
from advisor.change.apply import apply_plan
from advisor.change.armed import Arming, arm
from advisor.change.journal import RunState
from advisor.change.plan import Plan, new_plan
from advisor.change.run import Settings
from advisor.change.undo import undo_run
from advisor.collect.live import collect_account
from advisor.demo import Demo, start
from advisor.model.change import Change, Operation
from advisor.model.effects import with_undo
from advisor.model.snapshot import Snapshot

QUICK = Settings(settle=2, pause=0.02)
ALL_GUARDS = ("caller", "administrator", "break-glass", "recent-use", "permission", "quota", "unchanged")


class Live:
    """A running demo account with the snapshot that was read at its start."""

    def __init__(self, demo: Demo, folder: Path) -> None:
        self.demo = demo
        self.session = demo.session()
        self.folder = folder
        self.snapshot = self.collect()
        self.advisor = Advisor((self.snapshot,))
        self.shown: list[tuple[str, str]] = []

    @property
    def account(self) -> str:
        return self.snapshot.account

    @property
    def armed(self) -> Arming:
        return arm(self.account, self.account)

    def collect(self) -> Snapshot:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.demo.environment.items():
                patch.setenv(name, value)
            (snapshot,) = collect_account(endpoint_url=self.demo.endpoint_url)
        return snapshot

    def client(self, service: str, region: str | None = None) -> object:
        return self.session.client(service, region_name=region, endpoint_url=self.demo.endpoint_url)

    def plan(self, *operations: Operation) -> Plan:
        change = with_undo(Change("test", "a change of the test", tuple(operations)), self.snapshot)
        return new_plan(self.advisor, (change,))

    def apply(self, plan: Plan, **more: object) -> RunState:
        options: dict[str, object] = {
            "armed": self.armed,
            "endpoint_url": self.demo.endpoint_url,
            "folder": self.folder,
            "settings": QUICK,
            "show_secret": lambda name, secret: self.shown.append((name, secret)),
            "overrides": dict.fromkeys(ALL_GUARDS, "a test"),
        }
        return apply_plan(plan, self.advisor, self.session, **(options | more))  # type: ignore[arg-type]

    def undo(self, run: str) -> RunState:
        return undo_run(
            run,
            self.session,
            armed=self.armed,
            folder=self.folder,
            settings=QUICK,
            show_secret=lambda name, secret: self.shown.append((name, secret)),
        )


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with start() as demo:
        yield Live(demo, tmp_path_factory.mktemp("journal"))
