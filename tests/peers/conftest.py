"""The comparison with the peers is a program of the checkout; its modules are found from there."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
