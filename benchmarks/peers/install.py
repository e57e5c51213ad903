"""Install the peers in the versions that the published comparison used.

    python benchmarks/peers/install.py --programs FOLDER

The tools of npm get a folder each inside FOLDER, because their dependencies exclude one another;
Schemathesis is installed into the environment of this Python, where pgassay uses it as well.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

#: Portman imports tslib without asking for it.
NPM: Final = {
    "portman": ("@apideck/portman@1.33.0", "newman@6.2.2", "tslib@2.9.1"),
    "dredd": ("dredd@14.1.0",),
}


def main() -> int:
    """Install what is missing; the exit status is that of the first installer that fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--programs", type=Path, required=True, help="folder for tools of npm")
    programs: Path = parser.parse_args().programs
    requirements = str(Path(__file__).parent / "requirements.txt")
    pip = (sys.executable, "-m", "pip", "install", "--requirement", requirements)
    status = subprocess.run(pip, check=False).returncode
    for name, packages in NPM.items():
        (programs / name).mkdir(parents=True, exist_ok=True)
        npm = ("npm", "install", "--no-audit", "--no-fund", "--prefix", str(programs / name))
        status = status or subprocess.run((*npm, *packages), check=False).returncode
    return status


if __name__ == "__main__":
    raise SystemExit(main())
