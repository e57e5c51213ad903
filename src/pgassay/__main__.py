"""`python -m pgassay`: the same as the command `pgassay`."""

import sys

from pgassay.cli import main

if __name__ == "__main__":
    sys.exit(main())
