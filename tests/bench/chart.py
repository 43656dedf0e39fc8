"""The growth of building as a log-log chart in SVG, for light and dark screens."""

from html import escape
from math import log10

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 60, 500, 64, 370  # of the area with the lines
LABEL_GAP = 19
# On light and on dark; each stands out from the background as text must (4.5 : 1).
COLORS = (
    ("#57606a", "#a5adb7"),
    ("#bf2463", "#ff8fb3"),
    ("#0b5cad", "#6cb6ff"),
    ("#8a4b00", "#f0b464"),
    ("#1a7431", "#5bd06a"),
)
STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}.page{fill:#fff}"
    ".grid{stroke:#d8dee4}g polyline,g path{fill:none;stroke:currentColor}"
    "polyline{stroke-width:2.5}g circle,g text{fill:currentColor}"
)
DARK = "text{fill:#e6edf3}.page{fill:#0d1117}.grid{stroke:#30363d}"

Series = dict[str, dict[int, float]]


def draw(series: Series, cores: int) -> str:
    """Return the chart: for each name, the CPU seconds for each number of articles."""
    sizes = sorted({size for points in series.values() for size in points})
    seconds = [value for points in series.values() for value in points.values()]
    x = _scale(sizes[0], sizes[-1], LEFT, RIGHT)
    y = _scale(min(seconds) * 0.9, max(seconds) * 1.1, BOTTOM, TOP)
    title = "Processor time of a build by number of articles"
    ends = "; ".join(f"{name}: {_number(points[max(points)])} s" for name, points in series.items())
    light, dark = (
        "".join(f".s{place}{{color:{color}}}" for place, color in enumerate(colors))
        for colors in zip(*COLORS, strict=True)
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="title desc">',
        f'<title id="title">{title}</title>',
        f'<desc id="desc">With {sizes[-1]:,} articles, on {cores} cores: {escape(ends)}.</desc>',
        f"<style>{STYLE}{light}@media (prefers-color-scheme:dark){{{DARK}{dark}}}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        f'<text x="{LEFT}" y="26" class="title">{title}</text>',
        f'<text x="{LEFT}" y="46">CPU seconds, measured on {cores} cores; both scales are '
        "logarithmic</text>",
    ]
    for value in _ticks(min(seconds) * 0.9, max(seconds) * 1.1):
        parts.append(
            f'<path class="grid" d="M{LEFT} {y(value):.1f}H{RIGHT}"/>'
            f'<text x="{LEFT - 8}" y="{y(value) + 5:.1f}" text-anchor="end">{value:g}</text>'
        )
    for size in sizes:
        parts.append(
            f'<path class="grid" d="M{x(size):.1f} {TOP}V{BOTTOM}"/>'
            f'<text x="{x(size):.1f}" y="{BOTTOM + 20}" text-anchor="middle">{size:,}</text>'
        )
    parts.append(
        f'<text x="{(LEFT + RIGHT) / 2}" y="{BOTTOM + 42}" text-anchor="middle">articles</text>'
    )
    heights = _spread([y(points[max(points)]) for points in series.values()])
    for place, (name, points) in enumerate(series.items()):
        dots = [(x(size), y(value)) for size, value in sorted(points.items())]
        line = " ".join(f"{across:.1f},{down:.1f}" for across, down in dots)
        (across, down), height = dots[-1], heights[place]
        parts.append(f'<g class="s{place}"><polyline points="{line}"/>')
        parts += [f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3.5"/>' for across, down in dots]
        parts.append(
            f'<path d="M{across + 6:.1f} {down:.1f}L{RIGHT + 18} {height:.1f}"/>'
            f'<text x="{RIGHT + 22}" y="{height + 5:.1f}">'
            f"{escape(name)}, {_number(points[max(points)])} s</text></g>"
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _scale(low: float, high: float, start: float, end: float):
    """Return the place of a value on a logarithmic scale from `start` to `end`."""
    span = log10(high / low) or 1
    return lambda value: start + (end - start) * log10(value / low) / span


def _ticks(low: float, high: float) -> list[float]:
    steps = [digit * 10.0**power for power in range(-3, 6) for digit in (1, 2, 5)]
    return [step for step in steps if low <= step <= high]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _spread(heights: list[float]) -> list[float]:
    """Return where labels for these heights go, so that none covers another."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed = list(heights)
    for upper, lower in zip(order, order[1:], strict=False):
        placed[lower] = max(placed[lower], placed[upper] + LABEL_GAP)
    over = max(0.0, placed[order[-1]] - BOTTOM)
    placed[order[-1]] -= over
    for upper, lower in reversed(list(zip(order, order[1:], strict=False))):
        placed[upper] = min(placed[upper], placed[lower] - LABEL_GAP)
    return placed
