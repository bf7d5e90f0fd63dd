"""The command line: one file per command group; parse → front door → print."""
