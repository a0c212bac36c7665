"""The commands. Each module defines `SUMMARY` (its help text), `add_arguments` and `run`."""
