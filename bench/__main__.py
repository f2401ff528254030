"""`python -m bench [--only ROOM]`: run the measurements, print a table, write build/bench.json."""

import argparse
import json
import os
import platform
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

ROOMS = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith("_") and path.stem != "serving"
)
SEED = 52


def main() -> None:
    """Measure the rooms asked for."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--only", choices=ROOMS)
    only = parser.parse_args().only
    figures = [
        complete(figure)
        for room in ([only] if only else ROOMS)
        for figure in import_module(f"bench.{room}").run()
    ]
    for figure in figures:
        print(f"{figure['name']:<24}{figure['value']:>14,.1f} {figure['unit']:<12}", end="")
        print(f"p50 {figure['p50']}  p99 {figure['p99']}  peak {figure['peak_rss_mb']} MB")
    Path("build").mkdir(exist_ok=True)
    Path("build/bench.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def complete(figure: dict[str, Any]) -> dict[str, Any]:
    """Add what every figure carries."""
    names = ("name", "value", "unit", "p50", "p99", "peak_rss_mb", "peer", "ratio")
    git = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return {name: figure.get(name) for name in names} | {
        "machine": machine,
        "seed": SEED,
        "commit": git.stdout.strip(),
    }


if __name__ == "__main__":
    main()
