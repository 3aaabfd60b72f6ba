"""What known-defects.sh does."""

from __future__ import annotations

import argparse
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess

import campaign

DEFECTS = {
    "D1": "linalg-specialize-generic-ops turns a product with a transposed factor into a plain one",
    "D2": "linalg-specialize-generic-ops drops a negation",
    "D3": "linalg-specialize-generic-ops turns a product of i1 modulo 2 into a matmul",
    "D4": "linalg-specialize-generic-ops loses an extension without sign",
    "D5": "bufferizing linalg.map drops the read of its init",
    "D6": "affine-super-vectorize overwrites tails",
    "D7": "affine-super-vectorize ignores steps",
}
SPECIALIZERS = ("linalg-specialize-generic-ops", "linalg-morph-ops")
# Cases of one guilty pass that are reduced where none tells by itself, and what each may take.
REDUCED, EXECUTIONS = 6, 400


def main() -> int:
    parser = argparse.ArgumentParser(prog="known-defects.sh")
    parser.add_argument("minutes", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--preset", default="fuzz")
    parser.add_argument("--out", type=pathlib.Path, default=campaign.ROOT / "build/benchmarks/known-defects")
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    tool = campaign.require(campaign.ROOT / f"build/{options.preset}/bin/tenon-fuzz", "tenon-fuzz")

    seeds = options.out / "seeds"
    modes = {"genomes": [], "text": [f"--text={seeds}"]}
    found: dict[str, Sighting] = {}
    for mode, arguments in modes.items():
        directory = options.out / mode
        if not options.table:
            copy_seeds(campaign.ROOT / "test", seeds)
            arguments = [*arguments, "--no-guards", f"--seed={options.seed}", f"--workers={options.workers}"]
            campaign.run(tool, directory, arguments, options.minutes * 30)
        look_through(tool, campaign.findings(directory), mode, found)
    for defect, title in DEFECTS.items():
        if defect in found:
            seen = found[defect]
            print(f"{defect}  found after {seen.seconds:.1f} s in {seen.mode}  {title}  {seen.case}")
        else:
            print(f"{defect}  not found  {title}")
    print(f"rediscovered {len(found)} of {len(DEFECTS)}")
    return 0 if len(found) >= 6 else 1


@dataclasses.dataclass
class Sighting:
    seconds: float
    mode: str
    case: pathlib.Path


def copy_seeds(source: pathlib.Path, target: pathlib.Path) -> None:
    """The IR of the lit suite but for the programs that are there to show the defects."""
    shutil.rmtree(target, ignore_errors=True)
    for path in sorted(source.rglob("*.mlir")):
        if "known-defects" not in path.parts:
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def look_through(
    tool: pathlib.Path, findings: list[campaign.Found], mode: str, found: dict[str, Sighting]
) -> None:
    """Adds the defects that findings of one campaign show. Cases that may show several are reduced first."""

    def see(defect: str, finding: campaign.Found) -> None:
        if defect not in found or finding.seconds < found[defect].seconds:
            found[defect] = Sighting(finding.seconds, mode, finding.case)

    unclear: dict[str, list[campaign.Found]] = {}
    for finding in findings:
        candidates = classify(tool, finding, finding.case)
        if len(candidates) == 1:
            see(candidates.pop(), finding)
        elif candidates:
            unclear.setdefault(finding.passes, []).append(finding)
    for cases in unclear.values():
        for finding in sorted(cases, key=lambda each: each.case.stat().st_size)[:REDUCED]:
            if classify(tool, finding, finding.case) <= set(found):
                continue
            reduced = finding.case.parent.parent / "reduced" / finding.case.name
            if not reduced.exists():
                subprocess.run(
                    [str(tool), "reduce", str(finding.case), f"--executions={EXECUTIONS}"],
                    stdout=subprocess.DEVNULL,
                    check=False,
                )
            candidates = classify(tool, finding, reduced) if reduced.exists() else set()
            if len(candidates) == 1:
                see(candidates.pop(), finding)


def show(tool: pathlib.Path, case: pathlib.Path, *arguments: str) -> str:
    result = subprocess.run([str(tool), "show", str(case), *arguments], capture_output=True, text=True)
    return result.stdout if result.returncode == 0 else ""


def classify(tool: pathlib.Path, finding: campaign.Found, case: pathlib.Path) -> set[str]:
    """The defects of which the guilty pass of a case has met what they need; one is the cause.

    All of them make wrong values: what does not verify or reads back as another program is another fault of the pass. Only
    the plain product of D1 does not verify either, where the extents of the transposed factor differ.
    """
    ill_shaped = finding.oracle == "verifier" and "matmul" in finding.detail and finding.passes in SPECIALIZERS
    if finding.oracle not in ("stage", "native") and not ill_shaped:
        return set()
    if finding.passes in SPECIALIZERS:
        met = met_by_specialization(show(tool, case, "--ir", f"--before={finding.passes}"))
        return met & {"D1"} if ill_shaped else met
    if finding.passes == "one-shot-bufferize":
        return met_by_bufferization(show(tool, case, "--ir", f"--before={finding.passes}"))
    if finding.passes == "affine-super-vectorize":
        return met_by_vectorization(show(tool, case, "--ir", f"--before={finding.passes}"))
    return set()


def met_by_specialization(ir: str) -> set[str]:
    """Of the products of two factors over one index, which are all that the pass makes matmuls of."""
    aliases = dict(re.findall(r"^(#\w+) = affine_map<(.*)>$", ir, re.M))
    met = set()
    for maps, iterators, body in re.findall(
        r"linalg\.generic \{indexing_maps = \[([^\]]*)\], iterator_types = \[([^\]]*)\].*?\{\n(.*?)linalg\.yield", ir, re.S
    ):
        maps = [aliases.get(name.strip(), name) for name in re.findall(r"#\w+|\([^()]*\) -> \([^()]*\)", maps)]
        dims = [re.findall(r"d\d+", text.rpartition("->")[2]) for text in maps]
        sums = [f"d{number}" for number, kind in enumerate(iterators.split(",")) if "reduction" in kind]
        if len(dims) != 3 or len(sums) != 1 or not re.search(r"arith\.(mul[if]|andi)|complex\.mul", body):
            continue
        left, right, result = dims
        if len(result) < 2 or left[-2:] != [result[-2], sums[0]] or right[-2:] != [sums[0], result[-1]]:
            met.add("D1")
        if "arith.negf" in body or "complex.neg" in body:
            met.add("D2")
        if re.search(r"arith\.muli .*: i1$", body, re.M):
            met.add("D3")
        if "arith.extui" in body:
            met.add("D4")
    return met


def met_by_bufferization(ir: str) -> set[str]:
    """Maps whose body reads the init, its last argument: the short form has none."""
    for arguments, body in re.findall(r"linalg\.map ins\([^\n]*\n?\s*\(((?:%\w+: \w+(?:, )?)+)\) \{\n(.*?)linalg\.yield", ir, re.S):
        init = re.findall(r"%\w+", arguments)[-1]
        if re.search(re.escape(init) + r"\b", body):
            return {"D5"}
    return set()


def met_by_vectorization(ir: str) -> set[str]:
    """Loops whose bounds are those of a tile (D6), and others that have a step (D7)."""
    loops = re.findall(r"affine\.for (%\w+) = (.*?) to (.*?)(?: step (\d+))? (?:iter_args\(.*)?\{$", ir, re.M)
    # A name may come again in another nest.
    bounding = {name for _, low, high, _ in loops for name in re.findall(r"%\w+", low + high)}
    met = set()
    for name, low, high, step in loops:
        if re.search(r"%\w+", low + high):
            met.add("D6")
        if step and int(step) > 1 and name not in bounding:
            met.add("D7")
    return met


if __name__ == "__main__":
    campaign.command(main)
