"""`python -m advisor.demo`: the demo account on a port of its own on loopback, until standard input closes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from threading import Thread


def main() -> None:
    Thread(target=_leave_with_parent, daemon=True).start()
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    from advisor.demo.story import load_story

    told = next((one.partition("=")[2] for one in sys.argv if one.startswith("--story=")), "")
    story = load_story(Path(told) if told else None)
    os.environ["MOTO_ACCOUNT_ID"] = story.account.id
    from advisor.demo.server import DemoServer

    server = DemoServer(story, faults="--faults" in sys.argv)
    print(json.dumps(server.hello()), flush=True)
    server.serve()


def _leave_with_parent() -> None:
    """Standard input is a pipe of the parent: it closes when the parent ends, however that ends."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


main()
