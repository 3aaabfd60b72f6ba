"""What the planner is to reach, and how far it is from there.

The aims per network are those of the field: the best results published for networks that have no reference in their
file.
"""

from __future__ import annotations

from common.network import Network

from .figures import Figures, difference_to

#: Networks by name, seconds, and the log10 of multiply-adds to reach.
SINGLE_AIMS = [
    ("sycamore_n53_m20_s0_e0_pABCDCDAB", 0.2, 18.6),
    ("sycamore_n53_m20_s0_e0_pABCDCDAB", 60, 18.1),
    ("randreg_200_3_a", 60, 11.5),
    ("cubic_6x6x10", 60, 16.1),
    ("peps_cluster_r2_D10_a", 60, 11.1),
    ("rand_50_5_a", 60, 16.0),
    ("qucirc_rrzz_n56_d13", 60, 19.1),
]
#: Network, largest intermediate, seconds, and the log10 of multiply-adds in all slices together.
SLICED_AIM = ("sycamore_n53_m20_s0_e0_pABCDCDAB", 29, 300, 18.7243)


def describe_aims(figures: list[Figures], networks: list[Network]) -> str:
    found = {(f.network, f.who, f.minimize, f.largest, f.seconds): f for f in figures if f.workers == 2}
    names = {network.name: network.digest for network in networks}

    def madds(digest: str, who: str, seconds: float, largest: float | None = None) -> float | None:
        entry = found.get((digest, who, "flops", largest, seconds))
        return None if entry is None else entry.log10_madds if entry.log10_madds is not None else float("inf")

    lines = []
    for ours, theirs in ((10, 60), (10, 10), (1, 10), (60, 60)):
        lines += _against_peer(networks, madds, ours, theirs)
    lines += _against_reference(networks, found)
    for name, seconds, aim in SINGLE_AIMS:
        if name in names and (value := madds(names[name], "tenon", seconds)) is not None:
            lines.append(f"| {name}, {seconds:g} s | {value:.3f} | {aim} or less |")
    name, largest, seconds, aim = SLICED_AIM
    if name in names and (value := madds(names[name], "tenon", seconds, largest)) is not None:
        lines.append(f"| {name} sliced to 2^{largest}, {seconds} s | {value:.3f} | {aim} or less |")
    if not lines:
        return ""
    return "\n".join(["## Aims", "", "| what | reached | aim |", "|---|---|---|", *lines, ""])


def _against_peer(networks: list[Network], madds, ours: float, theirs: float) -> list[str]:
    differences = {}
    for network in networks:
        a, b = madds(network.digest, "tenon", ours), madds(network.digest, "cotengra", theirs)
        if a is not None and b is not None:
            differences[network.name] = 0.0 if a == b else a - b
    if not differences:
        return []
    count = len(differences)
    good = sum(difference <= 0.02 for difference in differences.values())
    better = sum(difference <= -0.1 for difference in differences.values())
    is_aim = (ours, theirs) == (10, 60)
    what = f"tenon {ours} s against cotengra {theirs} s"
    worse = sorted((name for name, difference in differences.items() if difference > 0.02), key=differences.get)
    named = "; not on " + ", ".join(f"{name} ({differences[name]:+.2f})" for name in reversed(worse)) if worse else ""
    return [
        f"| {what}: as good within 0.02 | {good} of {count}{named} | {'33 of 35' if is_aim else ''} |",
        f"| {what}: better by 0.1 or more | {better} of {count} | {'a third' if is_aim else ''} |",
    ]


def _against_reference(networks: list[Network], found: dict) -> list[str]:
    lines = []
    for who in ("tenon", "cotengra"):
        for seconds in (10, 60):
            lines += _one_against_reference(networks, found, who, seconds, "flops", "log10_madds", 0.05)
            lines += _one_against_reference(networks, found, who, seconds, "size", "log2_size", 1.0)
    return lines


def _one_against_reference(networks, found, who, seconds, minimize, figure, tolerance) -> list[str]:
    differences, shown = {}, {}
    for network in networks:
        entry = found.get((network.digest, who, minimize, None, seconds))
        known = network.reference.get(f"opt_{minimize}", {}).get(figure)
        if entry is not None and known is not None:
            value = getattr(entry, figure)
            differences[network.name] = float("inf") if value is None else value - known
            if figure == "log10_madds" and value is not None:
                shown[network.name] = difference_to(entry, known)
    if not differences:
        return []
    good = sum(difference <= tolerance for difference in differences.values())
    aim = "25 of 27" if (who, seconds) == ("tenon", 60) else ""
    worse = sorted((name for name, difference in differences.items() if difference > tolerance), key=differences.get)
    listed = (f"{name} ({shown.get(name, f'{differences[name]:+.2f}')})" for name in reversed(worse))
    named = "; not on " + ", ".join(listed) if worse else ""
    unit = "in log10" if figure == "log10_madds" else "bit"
    return [
        f"| {who} {seconds:g} s, `{minimize}`: within {tolerance:g} {unit} of the best known | "
        f"{good} of {len(differences)}{named} | {aim} |"
    ]
