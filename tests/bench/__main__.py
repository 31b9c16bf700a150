"""`make bench`: one table of figures, each a ratio of one run or processor time, also kept as `out/bench.json`.

`python -m tests.bench light forms` measures only these.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from tests.bench import evidence, forms, light, stages
from tests.bench.row import table

_PARTS = {"stages": stages.rows, "light": light.rows, "forms": forms.rows, "evidence": evidence.rows}


def main(wanted: list[str]) -> None:
    """Run every benchmark, or those wanted, and print the rows."""
    with tempfile.TemporaryDirectory(prefix="bench-") as cache:
        os.environ["XDG_CACHE_HOME"] = cache  # nothing is converted or prepared beforehand, and the user's cache is not filled
        rows = [row for name in wanted or _PARTS for row in _PARTS[name]()]
    print(table(rows))
    target = Path("out") / "bench.json"
    target.write_text(json.dumps([row.facts() for row in rows], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
