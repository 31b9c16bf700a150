"""`make bench`: one table of figures, each a ratio of one run or processor time, also kept as `out/bench.json`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench import forms, stages


def main() -> None:
    """Run every benchmark and print its rows."""
    rows = [*stages.rows(), *forms.rows()]
    width = max(len(what) for what, _, _ in rows)
    for what, figure, target in rows:
        print(f"{what:<{width}}  {figure:>16}  {target}")
    target_file = Path("out") / "bench.json"
    target_file.write_text(json.dumps([{"what": w, "figure": f, "target": t} for w, f, t in rows], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
