"""The command line: a thin front door. Modules are imported when their command runs, to keep `--help` fast."""
