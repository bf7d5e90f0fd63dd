"""Accepting the risk of a finding, from wherever it stands: asks, keeps it, and judges the account anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from advisor.model.change import Change
    from advisor.model.finding import Finding
    from screens.base import AdvisorScreen


def accept_risk(screen: AdvisorScreen, finding: Finding, then: Callable[[], object]) -> None:
    """Ask who answers for it, why and until when; `then` is called when it is kept."""
    from screens.accept import AcceptScreen

    def kept(given: tuple[str, str, str] | None) -> None:
        if given is not None:
            _keep(screen, finding, given, then)

    screen.app.push_screen(AcceptScreen(finding), kept)


def _keep(screen: AdvisorScreen, finding: Finding, given: tuple[str, str, str], then: Callable[[], object]) -> None:
    from advisor.advice.accepted import Acceptance, accept

    session, (owner, reason, until) = screen.session, given
    if session.snapshot is None:
        return
    try:
        acceptance = Acceptance(session.snapshot.account, finding.id, owner, reason, until)
        accept(acceptance, session.now.date().isoformat())
    except AdvisorError as error:
        screen.tell_error(error)
        return
    session.forget_findings()
    screen.say(f"Accepted until {until}: it comes back by itself.")
    then()


def judge(screen: AdvisorScreen) -> None:
    """Work the findings out in a thread, and tell every screen when they are there."""
    screen.run_worker(partial(_judged, screen), thread=True, exclusive=True, group="findings")


def _judged(screen: AdvisorScreen) -> None:
    try:
        screen.session.findings()
    except AdvisorError as error:
        screen.app.call_from_thread(screen.tell_error, error)
        return
    screen.app.call_from_thread(screen.session.announce, "findings")


def finding_behind(findings: tuple[Finding, ...], change: Change) -> Finding | None:
    """The open finding that recommends a change, worst first; `None` where none does."""
    wanted = (change.template, change.target)
    return next(
        (
            one
            for one in findings
            if one.status == "open" and any((entry.template, entry.target) == wanted for entry in one.changes)
        ),
        None,
    )
