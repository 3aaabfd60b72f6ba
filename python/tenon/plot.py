"""Pictures of plans, drawn by matplotlib: ``python -m tenon.plot plan.json -o plan.html``.

The input is what ``tenon-plan --emit=json`` writes; the functions also take one of its contractions, and any object
with `inputs`, `output`, `size_dict`, `ssa_path` and `sliced_inds`, as tenon.Optimizer.plan returns it.

=========  ===================================================================================
picture    what it shows
=========  ===================================================================================
network    tensors and the indices between them; wide lines are large indices, dashed ones sliced
ring       the tree from the tensors on the rim to the result in the middle
tent       the tree over time, from the tensors at the bottom to the result at the top
memory     what lives at a time, and what each step costs
search     the cost of the best tree so far against the time of the search, for each strategy
=========  ===================================================================================

In trees, a line's width is the size of what it carries, its colour the cost of the step that makes it.
"""

from __future__ import annotations

import argparse
import contextlib
import html
import io
import json
import math
import os
import pathlib
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["PICTURES", "Plan", "draw", "figure", "read_plan"]

#: Beyond so many tensors a network is laid out around its tree, not by forces; beyond so many lines they are pixels.
_MOST_BY_FORCES, _MOST_LINES = 600, 4000


@dataclass
class Plan:
    """A tree over a network, with its costs counted; tensors come first, step k makes node n + k."""

    inputs: list[frozenset[int]]
    output: frozenset[int]
    sizes: list[int]
    steps: list[tuple[int, int]]
    sliced: frozenset[int]
    #: steps in the order of execution, with the bytes that live then; empty where nobody counted
    memory: list[tuple[int, float]] = field(default_factory=list)
    #: (seconds, strategy, log10 of the cost)
    events: list[tuple[float, str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = len(self.inputs)
        extents = [1 if index in self.sliced else extent for index, extent in enumerate(self.sizes)]
        holders = Counter(index for indices in self.inputs for index in indices)

        def reduce(indices: Iterable[int]) -> frozenset[int]:
            return frozenset(index for index in indices if holders[index] > 1 or index in self.output)

        def log10(indices: Iterable[int]) -> float:
            return sum(math.log10(max(1, extents[index])) for index in indices)

        kept = [reduce(indices) for indices in self.inputs]
        #: log10 of multiply-adds of each step, in one slice
        self.costs: list[float] = []
        for a, b in self.steps:
            union = kept[a] | kept[b]
            for index in kept[a] & kept[b]:
                holders[index] -= 1
            self.costs.append(log10(union))
            kept.append(reduce(union))
        #: log10 of the elements of each node, in one slice
        self.elements = [log10(indices) for indices in kept]
        #: for each node the step that takes it; the root has none
        self.consumer: list[int | None] = [None] * (count + len(self.steps))
        for number, (a, b) in enumerate(self.steps):
            self.consumer[a] = self.consumer[b] = number

    def leaf_order(self) -> list[int]:
        """The tensors as a walk through the tree meets them."""
        count, order = len(self.inputs), []
        pending = [len(self.consumer) - 1]
        while pending:
            node = pending.pop()
            if node < count:
                order.append(node)
            else:
                pending += reversed(self.steps[node - count])
        return order

    def positions(self) -> tuple[np.ndarray, np.ndarray]:
        """Of each node its place among the leaves, from 0 to 1, and its height: 0 for leaves, 1 for the root."""
        count = len(self.inputs)
        place, height = np.zeros(len(self.consumer)), np.zeros(len(self.consumer))
        place[self.leaf_order()] = (np.arange(count) + 0.5) / count
        weight = np.ones(len(self.consumer))
        for number, (a, b) in enumerate(self.steps):
            node = count + number
            weight[node] = weight[a] + weight[b]
            place[node] = (place[a] * weight[a] + place[b] * weight[b]) / weight[node]
            height[node] = max(height[a], height[b]) + 1
        return place, height / max(1.0, height[-1])


def read_plan(plan: Any) -> Plan:
    """A Plan from an entry of `contractions` in tenon-plan's JSON, from a plan of tenon.Optimizer, or as it is.

    Raises TypeError for anything else, ValueError for a path that is none and for JSON that tenon-plan does not write.
    """
    if isinstance(plan, Plan):
        return plan
    if isinstance(plan, dict):
        return _from_json(plan)
    if all(hasattr(plan, name) for name in ("inputs", "output", "size_dict", "ssa_path", "sliced_inds")):
        numbers = {label: number for number, label in enumerate(plan.size_dict)}
        return _checked(
            [[numbers[label] for label in labels] for labels in plan.inputs],
            [numbers[label] for label in plan.output],
            list(plan.size_dict.values()),
            plan.ssa_path,
            [numbers[label] for label in plan.sliced_inds],
        )
    raise TypeError(
        f"a plan is a contraction in the JSON of tenon-plan, or what tenon.Optimizer.plan returns; found {type(plan)}"
    )


def _from_json(entry: Any, place: str = "") -> Plan:
    """A Plan from an entry of `contractions`; `place` is where it stands, for messages."""
    node = _Node(entry, place)
    sizes = [x.whole("an extent, an integer of 0 or more") for x in node.member("sizes").entries()]

    def index(node: _Node) -> int:
        return node.whole("the number of an index", len(sizes))

    inputs = [[index(x) for x in tensor.entries()] for tensor in node.member("inputs").entries()]
    path = []
    for step in node.member("ssa_path").entries():
        numbers = [x.whole("the number of a tensor") for x in step.entries()]
        if len(numbers) != 2:
            raise step.error("the numbers of two tensors")
        path.append(numbers)
    memory = []
    for step in node.member("steps", []).entries():
        result = step.member("result").whole("the number of a step's result", len(inputs) + len(path))
        memory.append((result - len(inputs), step.member("live_bytes").number()))
    if memory and sorted(number for number, _ in memory) != list(range(len(path))):
        raise node.member("steps").error(f"each of the {len(path)} steps of the path once")
    events = []
    for event in node.member("events", []).entries():
        cost = event.member("log2_cost").number() * math.log10(2)
        events.append((event.member("seconds").number(), event.member("strategy").text(), cost))
    return _checked(
        inputs,
        [index(x) for x in node.member("output").entries()],
        sizes,
        path,
        [index(x.member("index")) for x in node.member("sliced", []).entries()],
        place,
        memory=memory,
        events=events,
    )


class _Node:
    """A value in JSON and its place; whatever is not as expected is a ValueError that names the place."""

    def __init__(self, value: Any, place: str) -> None:
        self.value, self.place = value, place

    def error(self, expected: str) -> ValueError:
        text = json.dumps(self.value, default=str)
        text = text if len(text) <= 60 else f"{text[:57]}..."
        return ValueError(f"{self.place or 'the plan'} is {text}; expected {expected}")

    def member(self, key: str, default: Any = None) -> _Node:
        if not isinstance(self.value, dict):
            raise self.error("an object")
        place = f"{self.place}.{key}" if self.place else key
        if key not in self.value and default is None:
            raise ValueError(f"{place} is missing; expected what tenon-plan --emit=json writes")
        return _Node(self.value.get(key, default), place)

    def entries(self) -> list[_Node]:
        if not isinstance(self.value, (list, tuple)):
            raise self.error("a list")
        return [_Node(value, f"{self.place}[{number}]") for number, value in enumerate(self.value)]

    def whole(self, expected: str, end: int | None = None) -> int:
        """An integer from 0 on, below `end`."""
        if isinstance(self.value, int) and not isinstance(self.value, bool) and self.value >= 0:
            if end is None or self.value < end:
                return self.value
        raise self.error(expected if end is None else f"{expected}, below {end}")

    def number(self) -> float:
        if isinstance(self.value, (int, float)) and not isinstance(self.value, bool):
            try:
                if math.isfinite(self.value):
                    return float(self.value)
            except OverflowError:
                pass
        raise self.error("a finite number")

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.error("a text")
        return self.value


def _checked(
    inputs: Sequence[Iterable[int]],
    output: Iterable[int],
    sizes: Sequence[int],
    path: Sequence[Sequence[int]],
    sliced: Iterable[int],
    place: str = "",
    **more: Any,
) -> Plan:
    what = f"the path of {place}" if place else "the path"
    alive = set(range(len(inputs)))
    for number, step in enumerate(path):
        if len(step) != 2 or not alive.issuperset(step) or step[0] == step[1]:
            raise ValueError(
                f"step {number} of {what} is {list(step)}, which are not two tensors that are there then"
            )
        alive -= set(step)
        alive.add(len(inputs) + number)
    if len(alive) != 1:
        raise ValueError(f"{what} leaves {len(alive)} tensors; it must contract them to one")
    steps = [(int(a), int(b)) for a, b in path]
    return Plan([frozenset(x) for x in inputs], frozenset(output), list(sizes), steps, frozenset(sliced), **more)


def _lines(axes: Axes, plan: Plan, x: np.ndarray, y: np.ndarray) -> None:
    """The lines of a tree whose nodes are at (x, y), dear ones last, and the bar of their colours."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import LineCollection
    from matplotlib.colors import Normalize

    count = len(plan.inputs)
    nodes = [node for node in range(len(plan.consumer)) if plan.consumer[node] is not None]
    cost = np.array([0.0 if node < count else plan.costs[node - count] for node in nodes])
    size = np.array([plan.elements[node] for node in nodes])
    order = np.argsort(cost, kind="stable")
    ends = np.array([count + (plan.consumer[node] or 0) for node in nodes], dtype=int)
    segments = np.stack([np.stack([x[nodes], y[nodes]], 1), np.stack([x[ends], y[ends]], 1)], 1)
    width = 0.4 + 4.6 * size / max(1e-9, size.max(initial=0.0))
    scale = Normalize(0, max(1e-9, max(plan.costs, default=0.0)))
    lines = LineCollection(
        list(segments[order]),
        linewidths=width[order],
        array=cost[order],
        cmap="viridis_r",
        norm=scale,
        capstyle="round",
        rasterized=len(nodes) > _MOST_LINES,
    )
    axes.add_collection(lines)
    axes.plot(x[-1:], y[-1:], "o", color="black", markersize=6)
    if count <= _MOST_LINES:
        axes.plot(x[:count], y[:count], ".", color="0.35", markersize=max(1.0, 5 - count / 150))
    axes.figure.colorbar(
        ScalarMappable(scale, "viridis_r"), ax=axes, shrink=0.7, label="log10 of a step's multiply-adds"
    )


def _draw_ring(plan: Plan, axes: Axes) -> None:
    place, height = plan.positions()
    angle, radius = 2 * np.pi * place, 1 - height
    _lines(axes, plan, radius * np.cos(angle), radius * np.sin(angle))
    axes.set_aspect("equal")
    axes.set_axis_off()


def _draw_tent(plan: Plan, axes: Axes) -> None:
    place, _ = plan.positions()
    time = np.zeros(len(plan.consumer))
    for position, step in enumerate(_order(plan)):
        time[len(plan.inputs) + step] = position + 1
    _lines(axes, plan, place, time)
    axes.set_xticks([])
    axes.set_xlabel("tensors, in the order of the tree")
    axes.set_ylabel("step")
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.02 * max(1, len(plan.steps)), 1.03 * max(1, len(plan.steps)))


def _order(plan: Plan) -> list[int]:
    return [step for step, _ in plan.memory] or list(range(len(plan.steps)))


def _live_elements(plan: Plan) -> list[float]:
    """The elements of all intermediates that live in each step, where bytes are not known."""
    live, result = 0.0, []
    for number, (a, b) in enumerate(plan.steps):
        live += 10.0 ** min(300.0, plan.elements[len(plan.inputs) + number])
        result.append(live)
        live -= sum(10.0 ** min(300.0, plan.elements[node]) for node in (a, b) if node >= len(plan.inputs))
    return result


def _draw_memory(plan: Plan, axes: Axes) -> None:
    if not plan.steps:
        return
    known = bool(plan.memory)
    live = [amount for _, amount in plan.memory] if known else _live_elements(plan)
    x = np.arange(1, len(live) + 1)
    axes.fill_between(x, np.maximum(live, 1e-3), step="mid", color="tab:blue", alpha=0.35, linewidth=0)
    axes.step(x, np.maximum(live, 1e-3), where="mid", color="tab:blue")
    axes.set_ylabel("bytes live" if known else "elements live", color="tab:blue")
    axes.set_yscale("log" if max(live) > 1e3 * max(1e-3, min(live)) else "linear")
    axes.set_xlabel("step" if not plan.sliced else "step (one slice)")
    other = axes.twinx()
    other.plot(
        x,
        [plan.costs[step] for step in _order(plan)],
        ".",
        color="tab:red",
        markersize=3,
        rasterized=len(live) > _MOST_LINES,
    )
    other.set_ylabel("log10 of multiply-adds", color="tab:red")


def _draw_search(plan: Plan, axes: Axes) -> None:
    strategies: dict[str, list[tuple[float, float]]] = {}
    for seconds, strategy, cost in plan.events:
        strategies.setdefault(strategy, []).append((seconds, cost))
    end = max((seconds for seconds, _, _ in plan.events), default=1.0)
    for strategy, points in strategies.items():
        x, y = zip(*points)
        axes.step([*x, end], [*y, y[-1]], where="post", label=strategy, marker=".")
    axes.set_xlabel("seconds of the search")
    axes.set_ylabel("log10 of the cost of the best tree")
    if strategies:
        axes.legend()
    else:
        axes.text(0.5, 0.5, "the search is not known", ha="center", transform=axes.transAxes)


def _layout(plan: Plan, edges: list[tuple[int, int]], count: int) -> np.ndarray:
    """Places of nodes: by forces (Fruchterman and Reingold, 1991), or on the ring of the tree where they are many.
    Nodes beyond the tensors are hyperedges."""
    place, _ = plan.positions()
    angle = 2 * np.pi * place[: len(plan.inputs)]
    spots = np.zeros((count, 2))
    spots[: len(plan.inputs)] = np.stack([np.cos(angle), np.sin(angle)], 1)
    ends = np.array(edges, dtype=int).reshape(-1, 2)
    for node in range(len(plan.inputs), count):
        spots[node] = spots[ends[ends[:, 1] == node, 0]].mean(0) * 0.5
    if count > _MOST_BY_FORCES or not edges:
        return spots
    ideal = 2 / math.sqrt(count)
    spots += 1e-3 * np.random.default_rng(0).standard_normal(spots.shape)
    for heat in np.linspace(0.15, 0.002, 200):
        apart = spots[:, None] - spots[None]
        distance = np.maximum((apart**2).sum(-1), 1e-6)
        force = (apart * (ideal**2 / distance)[..., None]).sum(1) - 0.1 * spots
        along = spots[ends[:, 0]] - spots[ends[:, 1]]
        pull = along * np.linalg.norm(along, axis=1)[:, None] / ideal
        np.add.at(force, ends[:, 0], -pull)
        np.add.at(force, ends[:, 1], pull)
        length = np.maximum(np.linalg.norm(force, axis=1), 1e-9)
        spots += force / length[:, None] * np.minimum(length, heat)[:, None]
    return spots


def _draw_network(plan: Plan, axes: Axes) -> None:
    from matplotlib.collections import LineCollection

    holders: dict[int, list[int]] = {}
    for tensor, indices in enumerate(plan.inputs):
        for index in indices:
            holders.setdefault(index, []).append(tensor)
    edges, indices_of, count = [], [], len(plan.inputs)
    for index, tensors in sorted(holders.items()):
        if len(tensors) == 2:
            edges.append((tensors[0], tensors[1]))
            indices_of.append(index)
        elif len(tensors) > 2:
            edges += [(tensor, count) for tensor in tensors]
            indices_of += [index] * len(tensors)
            count += 1
    spots = _layout(plan, edges, count)
    for is_sliced, color, style in ((False, "0.55", "solid"), (True, "tab:red", "dashed")):
        chosen = [k for k, index in enumerate(indices_of) if (index in plan.sliced) == is_sliced]
        axes.add_collection(
            LineCollection(
                [spots[list(edges[k])] for k in chosen],
                linewidths=[0.4 + 0.35 * math.log2(max(1, plan.sizes[indices_of[k]])) for k in chosen],
                colors=color,
                linestyles=style,
                rasterized=len(chosen) > _MOST_LINES,
            )
        )
    opened = [tensor for tensor, indices in enumerate(plan.inputs) if indices & plan.output]
    size, rasterized = max(2.0, 60 - count / 8), count > _MOST_LINES
    axes.scatter(
        *spots[: len(plan.inputs)].T, s=size, color="tab:blue", zorder=3, label="tensor", rasterized=rasterized
    )
    if count > len(plan.inputs):
        axes.scatter(
            *spots[len(plan.inputs) :].T, s=size / 4, color="0.3", zorder=3, label="hyperedge", rasterized=rasterized
        )
    if opened:
        axes.scatter(
            *spots[opened].T,
            s=size,
            color="tab:orange",
            zorder=4,
            label="tensor with an open index",
            rasterized=rasterized,
        )
    axes.legend(loc="lower left", fontsize="small")
    axes.set_aspect("equal")
    axes.set_axis_off()


PICTURES = {
    "network": _draw_network,
    "ring": _draw_ring,
    "tent": _draw_tent,
    "memory": _draw_memory,
    "search": _draw_search,
}


def draw(plan: Any, picture: str, axes: Axes) -> None:
    """Draws one of PICTURES into matplotlib axes."""
    if picture not in PICTURES:
        raise ValueError(f"there is no picture {picture!r}; expected one of {', '.join(PICTURES)}")
    PICTURES[picture](read_plan(plan), axes)


def figure(plan: Any, pictures: Sequence[str] = tuple(PICTURES)) -> Figure:
    """A matplotlib figure of some PICTURES, one below the other."""
    from matplotlib.figure import Figure

    plan = read_plan(plan)
    result = Figure(figsize=(9, 7 * len(pictures)), layout="constrained")
    for number, picture in enumerate(pictures):
        axes = result.add_subplot(len(pictures), 1, number + 1)
        draw(plan, picture, axes)
        axes.set_title(picture)
    return result


def _svg(plan: Plan, pictures: Sequence[str]) -> str:
    import matplotlib

    # Equal plans give equal files.
    with matplotlib.rc_context({"svg.hashsalt": "tenon"}):
        text = io.StringIO()
        figure(plan, pictures).savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _page(title: str, plans: list[Plan], pictures: Sequence[str]) -> str:
    style = "body{font-family:sans-serif;max-width:60em;margin:auto}h1{overflow-wrap:anywhere}svg{width:100%}"
    parts = [
        f"<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>{html.escape(title)}</title>",
        f"<style>{style}</style></head><body>",
        f"<h1>{html.escape(title)}</h1>",
    ]
    for plan in plans:
        most = max(plan.costs, default=0.0)
        total = most + math.log10(sum(10 ** (cost - most) for cost in plan.costs)) if plan.costs else 0.0
        slices = math.prod(plan.sizes[index] for index in plan.sliced)
        largest = max(plan.elements) / math.log10(2)
        sliced = f" in each of {slices} slices" if plan.sliced else ""
        parts.append(
            f"<p>{len(plan.inputs)} tensors, {len(plan.sizes)} indices; 10<sup>{total:.3f}</sup> "
            f"multiply-adds{sliced}; largest tensor 2<sup>{largest:.2f}</sup> elements</p>"
        )
        for picture in pictures:
            svg = _svg(plan, [picture])
            parts.append(svg[svg.index("<svg") :])
    return "\n".join([*parts, "</body></html>\n"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tenon.plot", description="Pictures of plans.")
    parser.add_argument("plan", help="what tenon-plan --emit=json wrote; '-' is standard input")
    parser.add_argument("-o", dest="output", required=True, metavar="FILE", help=".html, .svg, .pdf or .png")
    parser.add_argument(
        "--pictures",
        default=",".join(PICTURES),
        metavar="NAME,...",
        help="which, in which order (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    pictures = options.pictures.split(",")
    for picture in pictures:
        if picture not in PICTURES:
            parser.error(f"there is no picture '{picture}'; expected some of {', '.join(PICTURES)}")
    output = pathlib.Path(options.output)
    if output.suffix not in (".html", ".svg", ".pdf", ".png"):
        parser.error(f"-o {output}: expected a name that ends in .html, .svg, .pdf or .png")
    try:
        _write(options.plan, output, pictures)
    except (OSError, ValueError, ImportError) as error:
        print(f"tenon.plot: error: {_describe(options.plan, error)}", file=sys.stderr)
        return 1
    return 0


def _describe(source: str, error: Exception) -> str:
    if isinstance(error, ImportError):
        return f"matplotlib draws the pictures and cannot be imported ({error}); install it: pip install matplotlib"
    if isinstance(error, OSError):
        return f"{error.filename or source}: {error.strerror}"
    return f"{'standard input' if source == '-' else source}: {error}"


def _write(source: str, output: pathlib.Path, pictures: Sequence[str]) -> None:
    import matplotlib  # noqa: F401  # what is missing is said before anything is written

    text = sys.stdin.buffer.read() if source == "-" else pathlib.Path(source).read_bytes()
    try:
        data = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is no JSON: {error}") from None
    document = _Node(data, "")
    if not isinstance(data, dict):
        raise document.error("what tenon-plan --emit=json writes")
    plans = [_from_json(entry.value, entry.place) for entry in document.member("contractions").entries()]
    if output.suffix == ".html":
        content = _page(f"Plan of {pathlib.PurePath(document.member('input').text()).name}", plans, pictures).encode()
    elif len(plans) != 1:
        raise ValueError(f"it has {len(plans)} contractions; a picture is of one, a page (-o FILE.html) of all")
    elif output.suffix == ".svg":
        content = _svg(plans[0], pictures).encode()
    else:
        buffer = io.BytesIO()
        figure(plans[0], pictures).savefig(buffer, format=output.suffix[1:])
        content = buffer.getvalue()
    _replace(output, content)


def _replace(output: pathlib.Path, content: bytes) -> None:
    """Writes a file, whole or not at all."""
    partial = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(output)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise OSError(error.errno, error.strerror, str(output)) from None


if __name__ == "__main__":
    sys.exit(main())
