"""The third panel of wide terminals: the whole policy behind a layer, at the statements that matter."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from textual.content import Content

from screens.documents import lines_of, text_of
from screens.reasons import document_of
from screens.widgets.pane import Detail
from screens.wording import count, short_name

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.model.document import Document
    from advisor.model.verdict import LayerOutcome


class PolicyPanel(Detail):
    """Shows the text of the first policy of a layer, scrolled to what decides."""

    def show_nothing(self) -> None:
        """There is no answer: what stood behind an earlier one goes."""
        self.add_class("-nothing")

    def show_behind(self, advisor: Advisor, layer: LayerOutcome | None) -> None:
        reasons = sorted(layer.reasons if layer else (), key=lambda reason: reason.effect != "Deny")
        found = next(((one, text) for one in reasons if (text := document_of(advisor, one)) is not None), None)
        if found is None:
            self.show(
                Content("policy"), Content(""), lambda width: Content("   no policy text stands behind this layer")
            )
            return
        reason, document = found
        marked = {one.statement for one in reasons if (one.policy, one.owner) == (reason.policy, reason.owner)}
        title = "trust policy" if reason.kind == "trust" else short_name(reason.policy)
        self.show_policy(title, document, marked)

    def show_policy(self, title: str, document: Document, marked: Collection[int]) -> None:
        """Show a text, scrolled to the first of its marked statements."""
        if not self.screen.has_class("-ultra"):
            return
        self.show(
            Content(f"§ {title}"),
            Content(count(len(document.statements), "statement")),
            lambda width: text_of(document, width, marked),
        )
        lines = lines_of(document, max(self.size.width - 4, 40))
        first = next((at for at, line in enumerate(lines) if line.statement in marked), 0)
        self.call_after_refresh(self.scroll_to, y=max(first - 1, 0), animate=False)
