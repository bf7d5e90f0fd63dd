"""An error in a thread that nobody foresaw: it is told, what to report is kept in a file, and the app goes on."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from textual.worker import Worker, WorkerState

from advisor.errors import AdvisorError, Exit
from screens.wording import shown_path

if TYPE_CHECKING:
    from textual.dom import DOMNode

    _Node = DOMNode
else:
    _Node = object  # a node before the screen among its bases would hide the screen's style


class Defect(AdvisorError):
    """An error that is the advisor's fault, in words for whoever met it."""

    code = Exit.DEFECT


def kept_defect(error: BaseException, failed: str) -> Defect:
    """Keep the traceback for a report; `failed` is what was being worked out."""
    from advisor.advice.accepted import write_private
    from advisor.reference.places import make_private, state_folder

    words = f"{type(error).__name__}: {error}"
    try:
        file = make_private(state_folder()) / "defect.txt"
        write_private(file, "".join(traceback.format_exception(error)).encode("utf-8", "backslashreplace"))
    except OSError:
        return Defect(f"{failed}: a defect of the advisor, please report it: {words}")
    return Defect(f"{failed}: a defect, please report {shown_path(file)}: {words}")


class ToldDefects(_Node):
    """Base, before the Textual class, of what has workers: a defect in one of them does not end the app."""

    def run_worker(self, *args: Any, **options: Any) -> Worker[Any]:
        return super().run_worker(*args, **{**options, "exit_on_error": False})

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            self.tell_defect(kept_defect(error, event.worker.group))

    def tell_defect(self, defect: Defect) -> None:
        """Show what failed."""
        raise NotImplementedError
