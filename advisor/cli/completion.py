"""`completion`: what a shell needs to complete the advisor's commands and options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import get_completion_class

from advisor.cli.options import command

if TYPE_CHECKING:
    from advisor.cli.session import Session

_HOW = {
    "bash": 'add to ~/.bashrc: eval "$(advisor completion bash)"',
    "zsh": 'add to ~/.zshrc: eval "$(advisor completion zsh)"',
    "fish": "run: advisor completion fish > ~/.config/fish/completions/advisor.fish",
}


@command("completion", source=False)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(session: Session, shell: str) -> None:
    """Print the completion script for SHELL; standard error says where it goes."""
    from advisor.cli.main import build

    kind = get_completion_class(shell)
    assert kind is not None
    made = kind(build(), {}, "advisor", "_ADVISOR_COMPLETE")
    script = kind.source_template % made.source_vars()
    if session.is_json:
        session.emit_bare({"shell": shell, "script": script})
    else:
        session.write(script)
        session.note(_HOW[shell])
