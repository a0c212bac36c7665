"""`python -m notification`: the command line, see `notification/cli/`."""

import sys

from notification.cli import main

if __name__ == "__main__":
    sys.exit(main())
