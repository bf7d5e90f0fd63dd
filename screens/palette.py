"""The palette: every action of the screen and of the app as `area: verb`, with its key."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider

from screens.keymap import bindings_with
from screens.widgets.bars import key_name


class ScreenCommands(Provider):
    """What can be done here, from the bindings: the palette and the keys cannot differ."""

    def _commands(self) -> list[tuple[str, str, str]]:
        found: dict[str, tuple[str, str, str]] = {}
        for node in (self.focused, self.screen, self.app):
            if node is None:
                continue
            for binding in bindings_of(node, self.app):
                if not binding.description or not binding.id or binding.action in found:
                    continue
                area = (binding.id or "app").split(".")[0]
                title = f"{area}: {binding.description.lower()}"
                namespace = "app" if node is self.app else "screen" if node is self.screen else "focused"
                found[binding.action] = (
                    title,
                    f"{key_name(binding.key)}  {binding.tooltip}",
                    f"{namespace}.{binding.action}",
                )
        return sorted(found.values(), key=lambda command: (command[2].startswith("app."), command[0]))

    async def discover(self) -> Hits:
        for title, told, action in self._commands():
            yield DiscoveryHit(title, partial(self._run, action), help=told)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, told, action in self._commands():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), partial(self._run, action), help=told)

    async def _run(self, action: str) -> None:
        namespace, _, name = action.partition(".")
        node = {"app": self.app, "screen": self.screen}.get(namespace, self.focused or self.screen)
        await self.app.run_action(name, default_namespace=node)


def bindings_of(node: object, app: App[Any]) -> list[Binding]:
    """The bindings of one node, each key of a list of keys once, with the user's own keys."""
    found: dict[str, Binding] = {}
    for _, binding in bindings_with(app._keymap, node):
        found.setdefault(binding.action, binding)
    return list(found.values())
