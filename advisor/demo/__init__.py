"""The demo account's own process: moto behind our front, told by `assets/demo`; tests inject faults with it."""
