"""Draws the rooms of the package and who may enter which, from its imports: `python -m docs.architecture` writes the pictures anew.

A room is a module or a package that lies directly in another. Each stands above all that it imports; an arrow that follows from
two others is left out, so that the picture shows the way and not every door.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise
from pathlib import Path

import grimp
import networkx

HERE = Path(__file__).resolve().parent
PICTURES = {"complex_lstm": HERE / "architecture.svg", "complex_lstm.ui": HERE / "architecture_ui.svg"}

ROOM, LANE, HEIGHT = 132, 12, 34  # widths of a room, and of an arrow that passes a floor; height of a floor
BESIDE, BELOW, EDGE = 16, 44, 16  # space between rooms, between floors, and around all of them

HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"
 font-family="sans-serif" font-size="13">
<title>The rooms of {package}: each imports only rooms below it</title>
<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
<path d="M0 0L8 4L0 8z" fill="#5b6770"/></marker></defs>
<rect width="100%" height="100%" fill="#ffffff"/>"""

Stop = tuple[str, ...]  # on an arrow's way: a room as (room,), or the lane in which it passes a floor as (from, to, floor)
Arrow = tuple[str, str]


def rooms_of(package: str) -> networkx.DiGraph:
    """Return the rooms that lie directly in a package, with an arrow from each to every room that it imports."""
    imports = grimp.build_graph("complex_lstm", exclude_type_checking_imports=True)
    rooms = sorted(imports.find_children(package))
    graph = networkx.DiGraph()
    graph.add_nodes_from(rooms)
    graph.add_edges_from(
        (one, other)
        for one in rooms
        for other in rooms
        if one != other and imports.direct_import_exists(importer=one, imported=other, as_packages=True)
    )
    return graph


def plan(graph: networkx.DiGraph) -> tuple[dict[str, int], list[Arrow]]:
    """Return each room's floor, 0 at the top, and the arrows that do not follow from others.

    Rooms that import each other in a circle share a floor.
    """
    circles = networkx.condensation(graph)
    depth: dict[int, int] = {}
    for circle in reversed(list(networkx.topological_sort(circles))):
        depth[circle] = 1 + max((depth[below] for below in circles.successors(circle)), default=-1)
    of_room, needed = circles.graph["mapping"], set(networkx.transitive_reduction(circles).edges)
    floor = {room: max(depth.values()) - depth[circle] for room, circle in of_room.items()}
    return floor, [edge for edge in sorted(graph.edges) if (of_room[edge[0]], of_room[edge[1]]) in needed]


def draw(package: str) -> str:
    """Return the picture of a package's rooms as SVG."""
    floor, arrows = plan(rooms_of(package))
    ways: list[list[Stop]] = [
        [(one,), *((one, other, str(level)) for level in range(floor[one] + 1, floor[other])), (other,)] for one, other in arrows
    ]
    rows = _untangled(floor, ways)
    width = 2 * EDGE + max(map(_width, rows))
    left = [(width - _width(row)) / 2 for row in rows]
    middle = {
        stop: left[level] + _width(row[:number]) + BESIDE * bool(number)
        for level, row in enumerate(rows)
        for number, stop in enumerate(row)
    }
    place = {stop: (middle[stop] + _width([stop]) / 2, EDGE + level * (HEIGHT + BELOW)) for level, row in enumerate(rows) for stop in row}
    height = 2 * EDGE + len(rows) * (HEIGHT + BELOW) - BELOW
    lines = [HEAD.format(width=width, height=height, package=escape(package))]
    lines += [_arrow([place[stop] for stop in way]) for way in ways]
    for (room, *_), (x, y) in sorted((stop, at) for stop, at in place.items() if len(stop) == 1):
        lines.append(
            f'<rect x="{x - ROOM / 2:.0f}" y="{y:.0f}" width="{ROOM}" height="{HEIGHT}" rx="5" fill="#eef3f8" stroke="#2f5d8a"/>'
            f'<text x="{x:.0f}" y="{y + HEIGHT / 2 + 5:.0f}" text-anchor="middle" fill="#191919">{escape(room.rsplit(".", 1)[-1])}</text>'
        )
    return "\n".join([*lines, "</svg>"]) + "\n"


def _width(row: list[Stop]) -> float:
    """Return how wide rooms and lanes stand side by side."""
    return sum(ROOM if len(stop) == 1 else LANE for stop in row) + BESIDE * max(0, len(row) - 1)


def _untangled(floor: dict[str, int], ways: list[list[Stop]]) -> list[list[Stop]]:
    """Return the floors' rooms and lanes, each moved to the middle of what leads to it and on from it, so that few arrows cross."""
    rows: list[list[Stop]] = [[] for _ in range(max(floor.values()) + 1)]
    for stop in sorted({(room,) for room in floor} | {stop for way in ways for stop in way}):
        rows[int(stop[2]) if len(stop) == 3 else floor[stop[0]]].append(stop)
    beside: dict[Stop, list[Stop]] = {stop: [] for row in rows for stop in row}
    for one, other in (leg for way in ways for leg in pairwise(way)):
        beside[one].append(other)
        beside[other].append(one)
    for _ in range(20):
        at = {stop: (number + 0.5) / len(row) for row in rows for number, stop in enumerate(row)}
        for row in rows:
            row.sort(key=lambda stop: (sum(at[one] for one in beside[stop]) / len(beside[stop]) if beside[stop] else at[stop], stop))
    return rows


def _arrow(stops: list[tuple[float, float]]) -> str:
    x, y = stops[0]
    path = f"M{x:.0f} {y + HEIGHT:.0f}"
    for (x, y), (to_x, to_y) in pairwise(stops):
        path += f"C{x:.0f} {y + HEIGHT + BELOW / 2:.0f} {to_x:.0f} {to_y - BELOW / 2:.0f} {to_x:.0f} {to_y:.0f}"
        if (to_x, to_y) != stops[-1]:
            path += f"V{to_y + HEIGHT:.0f}"
    return f'<path d="{path}" fill="none" stroke="#5b6770" marker-end="url(#tip)"/>'


if __name__ == "__main__":
    for package, picture in PICTURES.items():
        picture.write_text(draw(package), encoding="utf-8")
