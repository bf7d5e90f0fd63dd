"""The demo account's own process: moto behind our front, told by `assets/demo`. Tests inject faults with it."""

from advisor.demo.process import Demo, begin, shared, start

__all__ = ["Demo", "begin", "shared", "start"]
