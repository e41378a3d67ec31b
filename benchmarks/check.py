"""How long 200 playbooks take to be checked: `python -m benchmarks.check [NUMBER]`.

Ours in turn, each under a name of its own, with the agreement's and the templates' names
known, as `abm check` reads a folder. CPU seconds of one process, and the slowest playbook.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter, process_time

from orchestrator.engine import agreement
from orchestrator.engine.plays.playbook_files import vocabulary_of
from orchestrator.language import check
from orchestrator.settings import Settings

ROOT = Path(__file__).parent.parent
NUMBER = 200
BAR = 2.0  # seconds


def main(number: int = NUMBER) -> None:
    """Check that many playbooks and say how long it took."""
    texts = [file.read_text("utf-8") for file in sorted((ROOT / "playbooks").glob("*.yaml"))]
    groups = {
        file.stem: file.read_text("utf-8") for file in (ROOT / "playbooks/groups").glob("*.yaml")
    }
    took, found, slowest, whole = process_time(), 0, 0.0, perf_counter()
    agreed = agreement.parse((ROOT / "agreement.yml").read_text("utf-8"), "agreement.yml")
    words = vocabulary_of(agreed, Settings(project=ROOT))
    for place in range(number):
        before = process_time()
        text = texts[place % len(texts)].replace("\nname: ", f"\nname: p{place}-", 1)
        found += len(check(text, f"p{place}.yaml", words, groups).problems)
        slowest = max(slowest, process_time() - before)
    took, whole = process_time() - took, perf_counter() - whole
    verdict = "within" if took < BAR else "over"
    print(
        f"{number} playbooks ({len(texts)} texts): {took:.2f} s CPU, {whole:.2f} s by the clock, "
        f"{verdict} {BAR:g} s; slowest {1000 * slowest:.0f} ms; {found} findings"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
