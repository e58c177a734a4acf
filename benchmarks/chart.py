"""The ratios as a bar chart: an SVG file that needs nothing to be read."""

import math
from html import escape
from typing import Any

WIDTH = 860
LEFT = 250
RIGHT = 70
BAR = 11
GAP = 12
TOP = 64
COLOURS = (
    "#0f766e",
    "#5eb5ac",
    "#b45309",
    "#7c3aed",
    "#be185d",
    "#64748b",
    "#4d7c0f",
    "#1d4ed8",
    "#a16207",
    "#0e7490",
)


def svg(result: dict[str, Any]) -> str:
    """Return the chart of a run: for each scenario a bar for each door, as long as the logarithm of its ratio."""
    doors = [door for door in result["doors"] if door != "reference"]
    doors.sort(key=lambda door: ("native", "ours").index(door) if door in ("native", "ours") else 2)
    rows = [
        (
            f"{key} {scenario['title']}",
            [(door, scenario["doors"][door]["ratio"]) for door in doors if door in scenario["doors"]],
        )
        for key, scenario in result["scenarios"].items()
    ]
    rows = [(title, bars) for title, bars in rows if bars]
    most = max([2.0, *(ratio for _, bars in rows for _, ratio in bars)])
    ticks = [2**power for power in range(math.ceil(math.log2(most)) + 1)]
    legend_lines = -(-len(doors) // 3)
    top = TOP + 18 * legend_lines
    height = top + sum(len(bars) * BAR + GAP for _, bars in rows) + 30

    def x(ratio: float) -> float:
        span = WIDTH - LEFT - RIGHT
        return LEFT + span * math.log2(max(ratio, 1.0)) / math.log2(ticks[-1])

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{escape(heading(result))}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="16" font-weight="600" fill="#0f172a">{escape(heading(result))}</text>',
        f'<text x="16" y="44" fill="#475569">{escape(subtitle(result))}</text>',
    ]
    for number, door in enumerate(doors):
        left, line = 16 + 280 * (number % 3), TOP + 18 * (number // 3)
        parts.append(
            f'<rect x="{left}" y="{line - 9}" width="10" height="10" rx="2" fill="{colour(number)}"/>'
        )
        parts.append(
            f'<text x="{left + 16}" y="{line}" fill="#0f172a">{escape(result["doors"][door]["title"])}</text>'
        )
    for tick in ticks:
        parts.append(
            f'<line x1="{x(tick):.1f}" y1="{top}" x2="{x(tick):.1f}" y2="{height - 24}" stroke="#e2e8f0"/>'
            f'<text x="{x(tick):.1f}" y="{height - 8}" text-anchor="middle" fill="#475569">×{tick}</text>'
        )
    y = float(top) + GAP / 2
    for title, bars in rows:
        middle = y + len(bars) * BAR / 2 + 4
        parts.append(
            f'<text x="{LEFT - 10}" y="{middle:.1f}" text-anchor="end" fill="#0f172a">{escape(title)}</text>'
        )
        for door, ratio in bars:
            parts.append(
                f'<rect x="{LEFT}" y="{y:.1f}" width="{max(x(ratio) - LEFT, 1):.1f}" height="{BAR - 2}" rx="2" '
                f'fill="{colour(doors.index(door))}"/>'
                f'<text x="{max(x(ratio), LEFT) + 5:.1f}" y="{y + 8.5:.1f}" font-size="10" fill="#334155">'
                f"×{ratio:.1f}</text>"
            )
            y += BAR
        y += GAP
    return "\n".join([*parts, "</svg>", ""])


def colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def heading(result: dict[str, Any]) -> str:
    return f"Requests per second of CPU, beside {result['doors']['reference']['title']} (×1)"


def subtitle(result: dict[str, Any]) -> str:
    return f"CPython {result['python']}, {result['machine']}, one core; longer is better; logarithmic scale"
