"""A simulation as one HTML file: nothing is fetched, no script runs, light and dark alike."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from html import escape
from itertools import groupby, islice

from orchestrator.cli.output import clean, counted, when
from orchestrator.cli.simulation_charts import Drawn
from orchestrator.simulate import Line, Simulation
from orchestrator.simulate.summary import Summary

SHOWN = 25  # accounts whose calendar the page holds; --format csv has them all

_STYLE = """
:root{color-scheme:light dark;--bg:#fff;--surface:#f6f7f9;--line:#d9dde3;--text:#1b2027;
--muted:#59626f;--accent:#2f56c5}
@media (prefers-color-scheme:dark){:root{--bg:#14171b;--surface:#1c2026;--line:#333a44;
--text:#e7eaee;--muted:#a3acb8;--accent:#8fb0ff}}
body{margin:0;font:15px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--text);
background:var(--bg)}
main{max-width:56rem;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 4px}h2{font-size:1.1rem;margin:40px 0 4px}
p{margin:0 0 12px}.muted{color:var(--muted)}
.figures{display:flex;flex-wrap:wrap;gap:12px;margin:20px 0}
.figure{flex:1 1 9rem;border:1px solid var(--line);border-radius:8px;padding:12px 16px;
background:var(--surface)}
.figure b{display:block;font-size:1.6rem;line-height:1.2;font-variant-numeric:tabular-nums}
picture img{max-width:100%;height:auto;display:block}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);
vertical-align:top}
th{color:var(--muted);font-weight:600}td.num,th.num{text-align:right}
td.when{white-space:nowrap;color:var(--muted)}
details{border:1px solid var(--line);border-radius:8px;margin:8px 0;padding:8px 16px}
summary{cursor:pointer;font-weight:600}summary span{color:var(--muted);font-weight:400}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media print{details{break-inside:avoid}}
""".replace("\n", "")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(made: Simulation, told: Summary, pictures: Sequence[Drawn], notes: Sequence[str]) -> str:
    """The whole page; any text in it is harmless. `notes` are lines under its head."""
    body = "\n".join(
        [
            *_head(told, notes), *map(_picture, pictures), *_tables(made, told),
            *_calendars(made),
        ]
    )  # fmt: skip
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(told.title or told.playbook)}, simulated</title>"
        f"<style>{_STYLE}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
    )


def _text(value: object) -> str:
    return escape(clean("" if value is None else str(value)))


def _head(told: Summary, notes: Sequence[str]) -> Iterator[str]:
    yield f"<h1>{_text(told.title or told.playbook)}</h1>"
    yield (
        f'<p class="muted">{_text(told.playbook)}, simulated from {_day(told.first)} to '
        f"{_day(told.last)}: {counted(told.runs, 'run')} with seed {told.seed}. "
        "Nothing was sent.</p>"
    )
    for note in notes:
        yield f"<p>{_text(note)}</p>"
    middle = told.reached
    share = f"{100 * middle.p50 / max(told.accounts, 1):.0f} % of accounts"
    ends = {row.end: row.accounts.p50 for row in told.ends}
    mails = sum(row.total for row in told.mailboxes)
    tasks = sum(row.total for row in told.reps)
    yield '<div class="figures">'
    yield _figure(f"{middle.p50:,.0f}", f"reach the goal: {share}")
    yield _figure(f"{middle.p10:,.0f} to {middle.p90:,.0f}", "in eight runs of ten")
    yield _figure(f"{told.accounts - ends.get('not begun', 0):,.0f}", "accounts begin")
    yield _figure(f"{mails:,.0f}", "mails leave")
    yield _figure(f"{tasks:,.0f}", "tasks for our people")
    yield "</div>"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _figure(number: str, words: str) -> str:
    return f'<div class="figure"><b>{_text(number)}</b>{_text(words)}</div>'


def _picture(one: Drawn) -> str:
    light, dark = (
        "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()
        for svg in (one.light, one.dark)
    )
    return (
        f'<h2>{_text(one.title)}</h2><p class="muted">{_text(one.about)}.</p>'
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        f'<img src="{light}" alt="{_text(one.title)}: {_text(one.about)}"></picture>'
    )


# ---------------------------------------------------------------- tables


def _tables(made: Simulation, told: Summary) -> Iterator[str]:
    zone = made.setting.zone
    yield _table(
        "How plays stand at the end", ["", "p10", "p50", "p90"],
        ([row.end.replace("_", " "), *map(_number, row.accounts)] for row in told.ends),
    )  # fmt: skip
    yield _table(
        "Steps", ["step", "kind", "parties", "reached", "not reached", "dropped", "open", "held"],
        ([row.step, row.kind, *map(_number, row[2:])] for row in told.steps),
    )  # fmt: skip
    yield _table(
        "Our people", ["who", "team", "tasks", "done", "busiest day", "on it", "a day",
                       "days over", "days off"],
        ([row.name, row.team, _number(row.total), _number(row.done), row.busiest_on,
          _number(row.busiest), row.limit, row.over, row.off] for row in told.reps),
    )  # fmt: skip
    yield _table(
        "Mailboxes", ["from", "mails", "busiest day", "on it", "a day", "days full"],
        ([row.name, _number(row.total), row.busiest_on, _number(row.busiest), row.limit, row.over]
         for row in told.mailboxes),
    )  # fmt: skip
    yield _table(
        "Money", ["costs", "kind", "p10", "p50", "p90", "budget", ""],
        ([row.step or "in all", row.kind, *map(_number, row.spent), row.budget, row.currency]
         for row in told.money),
    )  # fmt: skip
    yield _table(
        "What happens", ["", "p10", "p50", "p90"],
        ([kind, *map(_number, number)] for kind, number in told.events),
    )  # fmt: skip
    yield _table(
        "What was held or dropped, and why", ["times", "accounts", "first", "step", "", "because"],
        ([_number(row.times), _number(row.accounts), when(row.first, zone, zone_name=False),
          row.step, "ends" if row.drops else "waits", row.rule] for row in told.holds),
    )  # fmt: skip


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    cells = [[_text(value) for value in row] for row in rows]
    if not cells:
        return ""
    right = [all(_is_number(row[place]) for row in cells) for place in range(len(heads))]
    form = [' class="num"' if one else "" for one in right]
    head = "".join(
        f'<th scope="col"{kind}>{_text(name)}</th>' for name, kind in zip(heads, form, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{k}>{c}</td>" for c, k in zip(row, form, strict=True)) + "</tr>"
        for row in cells
    )
    return (
        f'<h2>{_text(title)}</h2><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{_text(title)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _is_number(cell: str) -> bool:
    return not cell or cell.replace(",", "").replace(".", "").isdecimal()


# ---------------------------------------------------------------- calendars


def _calendars(made: Simulation) -> Iterator[str]:
    number = len({line.account_id for line in made.lines})
    yield "<h2>Account by account</h2>"
    which = f"The first {SHOWN} of {number:,} accounts" if number > SHOWN else "Every account"
    yield f'<p class="muted">{which}, in the first run.</p>'
    for _, lines in islice(groupby(made.lines, key=lambda line: line.account_id), SHOWN):
        yield _calendar(list(lines), made.setting.zone)


def _calendar(lines: Sequence[Line], zone: str) -> str:
    rows = "".join(
        f'<tr><td class="when">{when(line.at, zone, zone_name=False)}</td><td>{_text(line.who)}'
        f"</td><td>{_text(line.text)}{f', {_text(line.by)}' if line.by else ''}</td></tr>"
        for line in lines
    )
    end = next((line.text for line in reversed(lines) if line.kind == "ended"), "still running")
    return (
        f"<details><summary>{_text(lines[0].account)} <span>{_text(end)}</span></summary>"
        f'<div class="scroll" tabindex="0"><table><tbody>{rows}</tbody></table></div></details>'
    )
