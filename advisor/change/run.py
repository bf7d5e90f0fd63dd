"""One run at work: step by step through its journal, forwards to apply and backwards to undo."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from advisor.change.armed import ArmedClients
from advisor.change.aspects import UNREAD, Touch, read
from advisor.change.calls import keyword_arguments, method_of
from advisor.change.journal import Journal, Seen, Step, StepState, read_run
from advisor.change.secrets import Secrets, secret_names, without_secrets
from advisor.errors import AdvisorError, ApplyStopped
from advisor.model.change import Operation
from advisor.model.effects import name_of, resolve

Event = Callable[[str, Step], None]
"""(`checking`, `calling`, `done`, `already`, `failed`, `settling`, `undoing`, `undone`, `left`; the step)."""


class Settings(msgspec.Struct, frozen=True):
    """How long to wait for what AWS will show in the end, in seconds."""

    settle: float = 20.0
    pause: float = 0.25


USUAL = Settings()


class Drift(AdvisorError):
    """A touched thing is no longer as it was when the account was read."""


class Engine:
    """Walks the steps of one run. All that it knows it has from the journal, so that a new process can go on."""

    def __init__(
        self,
        run: str,
        journal: Journal,
        clients: ArmedClients,
        on_event: Event,
        secrets: Secrets,
        folder: Path | None,
        settings: Settings,
    ) -> None:
        self.run = run
        self.journal = journal
        self.clients = clients
        self.on_event = on_event
        self.secrets = secrets
        self.folder = folder
        self.settings = settings

    def apply(self) -> None:
        """Do every step that is not done; then wait until the account shows what was foreseen.

        Raises:
            ApplyStopped: at the first step that fails.
        """
        for number in [item.step.number for item in self._states()]:
            state = self._state(number)
            if state.status not in ("done", "already"):
                self._guarded(state.step, "stopped", partial(self._forward, state))
        self._settle()
        self.journal.write("finished")

    def undo(self) -> None:
        """Take back every step that this run did, the last one first. What AWS never takes back is left as it is.

        Raises:
            ApplyStopped: at the first call that fails.
        """
        for number in [item.step.number for item in reversed(self._states())]:
            state = self._state(number)
            if state.status in ("done", "calling", "undoing"):
                self._guarded(state.step, "undo-stopped", partial(self._backward, state))
        self.journal.write("undone-all")

    def _states(self) -> tuple[StepState, ...]:
        return read_run(self.run, self.folder).steps

    def _state(self, number: int) -> StepState:
        return self._states()[number - 1]

    def _guarded(self, step: Step, ending: str, work: Callable[[], None]) -> None:
        """Run one step; a failure is journaled and ends the run."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            work()
        except (ClientError, BotoCoreError, ResponseParserError, AdvisorError) as error:
            words = self.secrets.hidden(str(error))
            self.journal.write("failed", step=step.number, error=words) if ending == "stopped" else None
            self.journal.write(ending, error=words)
            self.on_event("failed", step)
            ways = f"`advisor undo {self.run}` takes back what was done"
            if ending == "stopped":
                ways = f"`advisor apply --resume` goes on, {ways}"
            raise ApplyStopped(
                f"stopped at call {step.number}, {name_of(step.operation)} {step.subject}: {words}",
                run=self.run,
                advice=ways,
            ) from error

    def _forward(self, state: StepState) -> None:
        step = state.step
        self.on_event("checking", step)
        stands = self._where_it_stands(step, uncertain=state.status == "calling")
        if stands == "after":
            self._done_already(step, ours=state.status == "calling")
            return
        self._call(step)

    def _where_it_stands(self, step: Step, *, uncertain: bool) -> str:
        """`before` or `after` the step, as the account is now.

        Raises:
            Drift: neither; somebody else has been here.
        """
        deadline = time.monotonic() + (self.settings.settle if self._touched_earlier(step) or uncertain else 0)
        while True:
            now = self._now(step)
            if all(_is_before(seen, found) for seen, found in now):
                return "before"
            if now and all(is_as(found, seen.after) for seen, found in now):
                return "after"
            if time.monotonic() >= deadline:
                raise Drift(_drift_words(now))
            time.sleep(self.settings.pause)

    def _now(self, step: Step) -> list[tuple[Seen, Any]]:
        compared = [seen for seen in step.seen if seen.after != UNREAD]
        return [(seen, read(Touch(seen.aspect, seen.key), self.clients)) for seen in compared]

    def _touched_earlier(self, step: Step) -> bool:
        """Whether this run itself changed what the step looks at: then the account may show it only in a while."""
        earlier = [item.step for item in self._states() if item.step.number < step.number and item.status == "done"]
        mine = {(seen.aspect, seen.key) for seen in step.seen}
        return any((seen.aspect, seen.key) in mine for other in earlier for seen in other.seen)

    def _done_already(self, step: Step, *, ours: bool) -> None:
        if not ours:
            self.journal.write("already", step=step.number)
            self.on_event("already", step)
            return
        if secret_names(step.operation.parameters) or step.operation.operation == "CreateAccessKey":
            self._make_again(step)
            return
        self.journal.write("done", step=step.number, result=self._found_result(step))
        self.on_event("done", step)

    def _make_again(self, step: Step) -> None:
        """The call was made, but its secret was lost with the process: take it back and make it anew."""
        lost = self._lost(step)
        for operation in step.undo:
            self._send(operation, {**self._results(step), **lost})
        self._call(step)

    def _lost(self, step: Step) -> dict[str, dict[str, Any]]:
        if step.operation.operation != "CreateAccessKey" or not step.operation.id:
            return {}
        known = {key for seen in step.seen if seen.aspect == "keys" for key in seen.before or {}}
        known |= {item.result.get("AccessKey", {}).get("AccessKeyId") for item in self._states()}
        user = step.operation.parameters["UserName"]
        listed = self.clients.get("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
        new = next(item["AccessKeyId"] for item in listed if item["AccessKeyId"] not in known)
        return {step.operation.id: {"AccessKey": {"AccessKeyId": new}}}

    def _found_result(self, step: Step) -> dict[str, Any]:
        """What an interrupted call returned, as far as the account tells: the ids that the undo needs."""
        operation = step.operation
        if name_of(operation) == "iam:CreatePolicyVersion":
            arn = keyword_arguments(operation, self._results(step), str)["PolicyArn"]
            versions = self.clients.get("iam").list_policy_versions(PolicyArn=arn)["Versions"]
            newest = max(versions, key=lambda item: int(item["VersionId"][1:]))
            return {"PolicyVersion": {"VersionId": newest["VersionId"]}}
        return step.foreseen_result

    def _results(self, step: Step) -> dict[str, dict[str, Any]]:
        return read_run(self.run, self.folder).results(step.change)

    def _call(self, step: Step) -> None:
        self.journal.write("call", step=step.number)
        self.on_event("calling", step)
        answer = self._send(step.operation, self._results(step))
        # before the line: a secret whose call counts as done and that nobody saw would be lost
        self.secrets.reveal(secret_names(step.operation.parameters), answer)
        self.journal.write("done", step=step.number, result=without_secrets(answer))
        self.on_event("done", step)

    def _send(self, operation: Operation, results: dict[str, dict[str, Any]]) -> dict[str, Any]:
        arguments = self._renumbered(keyword_arguments(operation, results, self.secrets.make))
        client = self.clients.get(operation.service, operation.region)
        with self.clients.shown(name_of(operation), arguments):
            return getattr(client, method_of(operation))(**arguments) or {}

    def _renumbered(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Versions that this run deleted and made again under the numbers that they have now."""
        if not {"VersionId", "PolicyArn"} <= set(arguments):
            return arguments
        known = {old: new for item in self._states() for old, new in item.renamed.items()}
        version = known.get(f"{arguments['PolicyArn']}#{arguments['VersionId']}", arguments["VersionId"])
        return {**arguments, "VersionId": version}

    def _settle(self) -> None:
        """Wait until the account shows the last state of everything that was touched.

        Raises:
            ApplyStopped: it does not, so the account is not as the preview said.
        """
        last: dict[tuple[str, tuple[str, ...]], tuple[Step, Seen]] = {}
        for item in self._states():
            if item.status == "done":
                last |= {(seen.aspect, seen.key): (item.step, seen) for seen in item.step.seen}
        for step, seen in last.values():
            if seen.after != UNREAD:
                self.on_event("settling", step)
                self._guarded(step, "stopped", partial(self._wait_for, seen))

    def _wait_for(self, seen: Seen) -> None:
        deadline = time.monotonic() + self.settings.settle
        while not is_as(found := read(Touch(seen.aspect, seen.key), self.clients), seen.after):
            if time.monotonic() >= deadline:
                raise Drift(_drift_words([(seen, found)], foreseen=True))
            time.sleep(self.settings.pause)

    def _backward(self, state: StepState) -> None:
        step = state.step
        self.on_event("undoing", step)
        if state.status != "undoing" and self._stands_before(step):
            self.journal.write("undone", step=step.number)
            self.on_event("undone", step)
            return
        if not step.undo and not step.reversible:
            self.journal.write("left", step=step.number)
            self.on_event("left", step)
            return
        results = self._results(step)
        if state.status == "calling" and step.operation.id:
            results = {step.operation.id: self._found_result(step)} | self._lost(step) | results
        for part, operation in enumerate(step.undo, 1):
            if part > state.undone:
                self._undo_part(step, part, operation, results, uncertain=state.status == "undoing")
        self.journal.write("undone", step=step.number)
        self.on_event("undone", step)

    def _stands_before(self, step: Step) -> bool:
        """Whether there is nothing to take back. A call without visible effect is taken back in any case.

        Raises:
            Drift: somebody else has changed the same thing since.
        """
        tells = any(seen.before != seen.after for seen in step.seen if seen.before != UNREAD)
        return tells and self._where_it_stands(step, uncertain=True) == "before"

    def _undo_part(
        self, step: Step, part: int, operation: Operation, results: dict[str, dict[str, Any]], *, uncertain: bool
    ) -> None:
        from botocore.exceptions import ClientError

        self.journal.write("undo-call", step=step.number)
        try:
            answer = self._send(operation, results)
        except ClientError as error:
            if not (uncertain and error.response.get("Error", {}).get("Code") in _ALREADY_BACK):
                raise
            answer = self._back_again(step, operation, results) if secret_names(operation.parameters) else {}
        self.secrets.reveal(secret_names(operation.parameters), answer)
        self.journal.write("undo-part", step=step.number, part=part, renamed=_renamed(step, answer, results))

    def _back_again(self, step: Step, operation: Operation, results: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """It was back already, with a secret that was lost with the process: made anew, so that somebody sees it."""
        self._send(step.operation, results)
        return self._send(operation, results)


def _is_before(seen: Seen, found: Any) -> bool:
    """As before the call; where that was never read, anything but what the call brings about."""
    return not is_as(found, seen.after) if seen.before == UNREAD else is_as(found, seen.before)


def _renamed(step: Step, answer: dict[str, Any], results: dict[str, dict[str, Any]]) -> dict[str, str]:
    """A deleted version that was made again has another number; calls that are still to come must use it."""
    p = resolve(step.operation.parameters, results)
    version = answer.get("PolicyVersion", {}).get("VersionId")
    if step.operation.operation != "DeletePolicyVersion" or not version:
        return {}
    return {f"{p['PolicyArn']}#{p['VersionId']}": version}


_ALREADY_BACK = frozenset((
    "NoSuchEntity", "NoSuchEntityException", "EntityAlreadyExists", "DuplicatePolicyAttachmentException",
    "PolicyNotAttachedException", "ResourceNotFoundException", "NoSuchBucketPolicy", "PolicyNotFoundException",
    "NoSuchPublicAccessBlockConfiguration", "TrailNotFoundException", "NoSuchBucket", "TrailAlreadyExistsException",
))  # fmt: skip
"""What AWS answers when an interrupted undo call had been made after all."""


def is_as(found: Any, foreseen: Any) -> bool:
    """Whether what is there is what was foreseen. A key in brackets stands for one that AWS names."""
    if foreseen == UNREAD:
        return True
    if isinstance(foreseen, dict) and isinstance(found, dict):
        named = {key: value for key, value in foreseen.items() if not key.startswith("(")}
        rest = [value for key, value in found.items() if key not in named]
        return all(found.get(key, UNREAD) == value for key, value in named.items()) and len(rest) == len(
            foreseen
        ) - len(named)
    return bool(found == foreseen)


def _drift_words(now: list[tuple[Seen, Any]], *, foreseen: bool = False) -> str:
    for seen, found in now:
        if not is_as(found, seen.after if foreseen else seen.before):
            name = " ".join(part for part in seen.key if part)
            ending = "is not as the preview said" if foreseen else "has changed since the account was read"
            return f"{seen.aspect} of {name} {ending}"
    return "the account has changed since it was read"
