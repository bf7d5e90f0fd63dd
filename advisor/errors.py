"""The errors that the advisor raises on purpose.

    AdvisorError                 something the user can act on
    ├── UsageError               the question itself is wrong                      exit 2
    ├── InputError               a file is not what it should be                   exit 3
    │   └── KnowledgeError       knowledge files with their list of problems       exit 3
    ├── SignInError              credentials are missing, expired or refused       exit 4
    └── ApplyStopped             an apply stopped half-way; the journal has it     exit 6

Facts stand in fields; the message is made from them. Messages are lower case, without a final stop, with the user's
input in backticks. `advice` is the next thing to do, shown on a line of its own.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line, as documented in `advisor --help`."""

    DONE = 0
    DOES_NOT_HOLD = 1
    USAGE = 2
    INPUT = 3
    SIGN_IN = 4
    GAPS = 5
    STOPPED_HALF_WAY = 6
    DEFECT = 70
    INTERRUPTED = 130


class AdvisorError(Exception):
    """Something the user can act on: what happened, to what, and what to do next."""

    code: Exit = Exit.DOES_NOT_HOLD

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class UsageError(AdvisorError):
    """The question cannot be asked like this."""

    code = Exit.USAGE


class InputError(AdvisorError):
    """A file is not what it should be.

    `file` is the path as given, `place` the key path or line inside it.
    """

    code = Exit.INPUT

    def __init__(self, reason: str, *, file: str = "", place: str = "", advice: str = "") -> None:
        where = " ".join(part for part in (file and f"`{file}`", place) if part)
        super().__init__(f"{where}: {reason}" if where else reason, advice=advice)
        self.file = file
        self.place = place
        self.reason = reason


class KnowledgeError(InputError):
    """Knowledge files with all of their problems: `problems` are values whose text says file, line, key and reason."""

    def __init__(self, problems: tuple[object, ...]) -> None:
        count = len(problems)
        super().__init__(
            f"{count} problem{'' if count == 1 else 's'} in knowledge files:\n" + "\n".join(f"  {p}" for p in problems),
            advice="run `advisor knowledge check` after the correction",
        )
        self.problems = problems


class SignInError(AdvisorError):
    """AWS does not know us: no credentials, expired ones, or refused ones."""

    code = Exit.SIGN_IN


class ApplyStopped(AdvisorError):
    """An apply stopped half-way; `run` names its journal."""

    code = Exit.STOPPED_HALF_WAY

    def __init__(self, message: str, *, run: str, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.run = run
