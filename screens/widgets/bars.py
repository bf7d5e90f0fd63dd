"""The rows that every screen has: account and badges, mode tabs, message or plan, and the keys that work now."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Input

from screens.ascii import AsciiSigns
from screens.coverage_words import coverage, not_whole
from screens.keymap import bindings_with
from screens.wording import account_in_fours, ago, clean, cut

if TYPE_CHECKING:
    from screens.session import Session

_KEYS = {
    "enter": "↵", "space": "Space", "escape": "Esc", "question_mark": "?", "colon": ":", "slash": "/", "comma": ",",
    "at": "@", "exclamation_mark": "!", "plus": "+", "left": "←", "right": "→", "up": "↑", "down": "↓", "tab": "Tab",
    "left_square_bracket": "[", "right_square_bracket": "]", "less_than_sign": "<", "greater_than_sign": ">",
    "shift+tab": "⇧Tab", "pageup": "PgUp", "pagedown": "PgDn",
}  # fmt: skip


def key_name(key: str) -> str:
    """`enter` as `↵`, `ctrl+p` as `Ctrl+P`."""
    if key in _KEYS:
        return _KEYS[key]
    *held, last = key.split("+")
    return "+".join([*(part.capitalize() for part in held), last.capitalize() if held or len(last) > 1 else last])


def clickable(content: Content, action: str) -> Content:
    """Text that does `action` when clicked."""
    return content.stylize(Style.from_meta({"@click": action}))


class AccountBar(Widget):
    """Row 1: account, source and age on the left; coverage and mode of work on the right, which are cut last."""

    auto_links = False
    DEFAULT_CSS = "AccountBar { height: 1; width: 1fr; background: $panel; }"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def on_mount(self) -> None:
        self.set_interval(15, self.refresh)
        self.set_interval(1, self._count_down)

    def render(self) -> Content:
        width = self.content_size.width
        right = self._badges()
        left = self._account(max(width - right.cell_length - 1, 0))
        return Content.assemble(left, " " * max(width - left.cell_length - right.cell_length, 0), right)

    def _count_down(self) -> None:
        if self.session.armed_until is not None or self.session.undone_in is not None:
            self.refresh()

    def _account(self, room: int) -> Content:
        snapshot = self.session.snapshot
        if snapshot is None:
            return Content(" no account is open").truncate(room)
        chip = f" {clean(snapshot.alias)} " if snapshot.alias else " "
        name = Content.assemble((chip + account_in_fours(snapshot.account) + " ▾", "bold"))
        source = self._source()
        kept = room - name.cell_length - 3
        told = f"   {cut(source, kept)}" if kept > 8 else ""
        return Content.assemble(clickable(name, "app.switch_account"), (told, "$quiet")).truncate(room)

    def _source(self) -> str:
        snapshot = self.session.snapshot
        assert snapshot is not None
        if self.session.is_partial:
            return not_whole(self.session)
        kind = snapshot.source.kind
        age = ago(snapshot.taken_at, self.session.now)
        if kind == "demo":
            return f"demo, read {age}"
        name = clean(self.session.source or snapshot.source.name or kind)
        return f"{name}, read {age}" if kind == "live" else ", ".join(PurePath(part).name for part in name.split(", "))

    def _badges(self) -> Content:
        snapshot = self.session.snapshot
        read = clickable(coverage(self.session), "app.coverage") if snapshot else Content("")
        if self.session.is_armed and self.session.armed_until is not None:
            left = int(self.session.armed_until - time.monotonic())
            state = Content.styled(f" ARMED {left // 60}:{left % 60:02} ", "reverse bold")
        else:
            state = Content.styled("READ-ONLY", "bold")
        return Content.assemble(read, "   ", self._switch(), state, " ")

    def _switch(self) -> Content:
        """The dead man's switch: when the run that nobody kept yet is undone."""
        left = self.session.undone_in
        if left is None:
            return Content("")
        told = Content.styled(f" UNDO IN {int(left) // 60}:{int(left) % 60:02} ", "reverse bold")
        return Content.assemble(clickable(told, "app.waiting_run"), "  ")


class ModeTabs(Widget):
    """Row 2: the modes that work, each under its own number.

    Which one is lit is asked at each drawing: from Python 3.12 on a screen is composed before its mode is the current.
    """

    auto_links = False
    DEFAULT_CSS = "ModeTabs { height: 1; width: 1fr; background: $panel; }"

    def __init__(self, tabs: tuple[tuple[str, str, str], ...], current: Callable[[], str], session: Session) -> None:
        super().__init__()
        self.tabs = tabs
        self.current = current
        self.session = session

    def render(self) -> Content:
        parts: list[Content] = []
        current = self.current()
        for key, mode, title in self.tabs:
            name = f"{key} {title}"
            if mode == "plan" and self.session.plan:
                name += f" {len(self.session.plan)}"
            label = Content(f" {name} ")
            label = label.stylize("reverse bold") if mode == current else label
            parts.append(clickable(label, f"app.go('{mode}')"))
        return Content("").join(parts)


class MessageRow(Widget):
    """Row 23: the latest message for a while, else what the plan comes to."""

    auto_links = False
    DEFAULT_CSS = "MessageRow { height: 1; width: 1fr; }"
    message: reactive[Content] = reactive(Content(""))
    tray: reactive[Content] = reactive(Content(""))

    def say(self, text: Content, seconds: float = 6) -> None:
        self.message = text
        self.set_timer(seconds, lambda: self._forget(text))

    def _forget(self, text: Content) -> None:
        if self.message is text:
            self.message = Content("")

    def render(self) -> Content:
        content = self.message if self.message.plain else self.tray
        return Content.assemble(" ", content).truncate(self.content_size.width, ellipsis=True)


class KeyLine(Widget):
    """Row 24: the keys that work now, each a button. What has no room is under `?`; a dialog above has its own."""

    auto_links = False
    DEFAULT_CSS = "KeyLine { height: 1; width: 1fr; background: $panel; }"

    def on_mount(self) -> None:
        self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())
        self.refresh()

    def render(self) -> Content:
        if not self.screen.is_active:
            return Content("")
        width = self.content_size.width
        is_typing = isinstance(self.app.focused, Input)
        always = _key_button("F1" if is_typing else "?", "Help", "app.help")
        spells = any(isinstance(one, AsciiSigns) for one in self.app._filters)
        used = always.cell_length + 2
        parts: list[Content] = []
        keys = getattr(self.screen, "typing_keys", ()) if is_typing else shown_keys(self.screen)
        for key, word, action in keys:
            name = "Enter" if spells and key == "enter" else key_name(key)
            button = _key_button(name, word, action, dim=_is_idle(self.screen, action))
            if used + button.cell_length + 2 > width - 1:
                continue
            parts.append(button)
            used += button.cell_length + 2
        return Content.assemble(" ", Content("  ").join([*parts, always]))


def _key_button(key: str, word: str, action: str, *, dim: bool = False) -> Content:
    """A key that cannot work now loses its bold and stands in brackets: dimmed without colour too."""
    if dim:
        return clickable(Content.styled(f"({key} {word})", "$quiet"), action)
    return clickable(Content.assemble((key, "bold"), (f" {word}", "$quiet")), action)


def _is_idle(screen: Widget, action: str) -> bool:
    space, _, name = action.partition(".")
    why_not = getattr({"screen": screen, "app": screen.app}.get(space), "why_not", None)
    return why_not is not None and bool(why_not(name.partition("(")[0]))


def shown_keys(screen: Widget) -> list[tuple[str, str, str]]:
    """(key, word, action) of the bindings to show: the focused widget's first, then the screen's, then the app's."""
    app, focused = screen.app, screen.app.focused
    nodes = [node for node in (focused, screen, app) if node is not None]
    found: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    for node in nodes:
        for key, binding in bindings_with(app._keymap, node):
            if not binding.show or binding.action in seen or not _works(node, binding):
                continue
            seen.add(binding.action)
            if binding.id == "rows.open" and (not getattr(node, "verb", "") or getattr(node, "row", None) is None):
                continue  # there is nothing to open
            word = getattr(node, "verb", binding.description) if binding.id == "rows.open" else _word(node, binding)
            namespace = {app: "app", screen: "screen"}.get(node, "focused")
            found.append((key, word, f"{namespace}.{binding.action}"))
    return found


def _word(node: object, binding: Binding) -> str:
    """What a key does here, where that hangs on what is shown."""
    told = getattr(node, "word_of", None)
    return (told(binding.action) if told else "") or binding.description


def _works(node: Widget | object, binding: Binding) -> bool:
    name = binding.action.split("(")[0]
    check = getattr(node, "check_action", None)
    return check is None or check(name, ()) is not False
