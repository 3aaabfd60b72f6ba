"""What seeded.sh does once the list of bugs is there."""

from __future__ import annotations

import argparse
import pathlib
import statistics

import campaign


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fuzz", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("bugs", nargs="+")
    options = parser.parse_args()

    file = options.out / "results.json"
    setting = {"seconds": options.seconds, "seed": options.seed, "workers": options.workers, "bugs": options.bugs}
    stored = campaign.load(file)
    results = stored.get("results", {}) if stored.get("setting") == setting and not options.again else {}
    left = options.seconds - sum(result["seconds"] for result in results.values())
    width = max(len(bug) for bug in options.bugs)
    for number, bug in enumerate(options.bugs):
        if bug not in results:
            share = max(1.0, left / (len(options.bugs) - len(results)))
            results[bug] = search(options, bug, share)
            left -= results[bug]["seconds"]
            campaign.save(file, {"setting": setting, "results": results})
        result = results[bug]
        if result["signature"]:
            text = f"found after {result['seconds']:.1f} s  {result['signature']}"
        else:
            text = f"not found in {result['seconds']:.1f} s"
        print(f"{bug:{width}}  {text}", flush=True)
    times = [result["seconds"] for result in results.values() if result["signature"]]
    if times:
        print(f"median time to find {statistics.median(times):.1f} s, longest {max(times):.1f} s")
    print(f"found {len(times)} of {len(options.bugs)}")
    return 0 if len(times) == len(options.bugs) else 1


def search(options: argparse.Namespace, bug: str, share: float) -> dict:
    directory = options.out / campaign.slug(bug)
    arguments = [f"--seed={options.seed}", f"--workers={options.workers}"]
    took = campaign.run(
        options.fuzz, directory, arguments, share, environment={"TENON_SEEDED_BUG": bug}, stop_at_finding=True
    )
    found = campaign.findings(directory)
    if not found:
        return {"seconds": took, "signature": "", "executions": campaign.last(directory).get("executions", 0)}
    first = found[0]
    return {"seconds": first.seconds, "signature": first.signature, "case": str(first.case)}


campaign.command(main)
