"""What known-defects.sh does."""

from __future__ import annotations

import argparse
import os
import pathlib
import re
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

    modes = {"genomes": [], "text": [f"--text={campaign.ROOT / 'test'}"]}
    found: dict[str, tuple[float, str, pathlib.Path]] = {}
    for mode, arguments in modes.items():
        directory = options.out / mode
        if not options.table:
            arguments = [*arguments, "--no-guards", f"--seed={options.seed}", f"--workers={options.workers}"]
            campaign.run(tool, directory, arguments, options.minutes * 30)
            subprocess.run([str(tool), "reduce", str(directory)], stdout=subprocess.DEVNULL, check=False)
        for finding in campaign.findings(directory):
            reduced = directory / "reduced" / finding.case.name
            defect = classify(tool, finding, reduced if reduced.exists() else finding.case)
            if defect and (defect not in found or finding.seconds < found[defect][0]):
                found[defect] = (finding.seconds, mode, finding.case)
    for defect, title in DEFECTS.items():
        if defect in found:
            seconds, mode, case = found[defect]
            print(f"{defect}  found after {seconds:.1f} s in {mode}  {title}  {case}")
        else:
            print(f"{defect}  not found  {title}")
    print(f"rediscovered {len(found)} of {len(DEFECTS)}")
    return 0 if len(found) >= 6 else 1


def show(tool: pathlib.Path, case: pathlib.Path, *arguments: str) -> str:
    result = subprocess.run([str(tool), "show", str(case), *arguments], capture_output=True, text=True)
    return result.stdout if result.returncode == 0 else ""


def classify(tool: pathlib.Path, finding: campaign.Found, case: pathlib.Path) -> str | None:
    """The defect that a case shows; none where pass, program and oracle fit none, or more than one.

    All of them make wrong values: what does not verify or reads back as another program is another fault of the pass. Only
    the plain product of D1 does not verify either, where the extents of the transposed factor differ.
    """
    if finding.oracle not in ("stage", "native"):
        ill_shaped = finding.oracle == "verifier" and "matmul" in finding.detail
        return "D1" if finding.passes in SPECIALIZERS and ill_shaped else None
    if finding.passes in SPECIALIZERS:
        return classify_specialization(show(tool, case, "--ir"))
    if "bufferize" in finding.passes:
        return "D5" if "linalg.map" in show(tool, case, "--ir") else None
    if finding.passes == "affine-super-vectorize":
        return classify_vectorization(show(tool, case))
    return None


def classify_specialization(ir: str) -> str | None:
    # A negation of tensors may also be written as 0 - x.
    if "arith.negf" in ir:
        return "D2"
    if re.search(r"tn\.contract[^\n]*\bunsigned\b", ir) or "arith.extui" in ir:
        return "D4"
    if re.search(r"(tn\.contract|linalg\.generic)", ir) and re.search(r"tensor<[^>]*xi1>|tensor<i1>", ir):
        return "D3"
    if re.search(r"(tn\.contract|linalg\.generic|linalg\.matmul)", ir):
        return "D1"
    return None


def classify_vectorization(case: str) -> str | None:
    tiled, stepped = "affine-loop-tile" in case, "affine-loop-unroll" in case or re.search(r"\bstep [2-9]", case)
    if bool(tiled) == bool(stepped):
        return None
    return "D6" if tiled else "D7"


if __name__ == "__main__":
    campaign.command(main)
