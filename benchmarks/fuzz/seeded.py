"""What seeded.sh does once the list of bugs is there."""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import subprocess

import campaign


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fuzz", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--native-share", type=float, default=0.04)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("bugs", nargs="+")
    options = parser.parse_args()

    file = options.out / "results.json"
    setting = {name: getattr(options, name) for name in ("seconds", "seed", "workers", "native_share", "bugs")}
    stored = campaign.load(file)
    results = stored.get("results", {}) if stored.get("setting") == setting and not options.again else {}
    left = options.seconds - sum(result["took"] for result in results.values())
    width = max(len(bug) for bug in options.bugs)
    for number, bug in enumerate(options.bugs):
        if bug not in results:
            share = max(1.0, left / (len(options.bugs) - len(results)))
            results[bug] = search(options, bug, share)
            left -= results[bug]["took"]
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
    """Until the first finding that the bug makes: one that is gone without it."""
    directory = options.out / campaign.slug(bug)
    arguments = [f"--seed={options.seed}", f"--workers={options.workers}", f"--native-share={options.native_share}"]
    caused: dict[str, bool] = {}

    def is_caused(found: campaign.Found) -> bool:
        if found.stem not in caused:
            caused[found.stem] = not shows_finding(options.fuzz, found)
        return caused[found.stem]

    def is_found() -> bool:
        # One of each signature: the others of a cluster tell nothing new.
        first = {found.signature: found for found in reversed(campaign.findings(directory))}
        return any(is_caused(found) for found in first.values())

    took = campaign.run(
        options.fuzz, directory, arguments, share, environment={"TENON_SEEDED_BUG": bug}, stop_when=is_found
    )
    for found in campaign.findings(directory):
        if is_caused(found):
            return {"seconds": found.seconds, "took": took, "signature": found.signature, "case": str(found.case)}
    executions = campaign.last(directory).get("executions", 0)
    return {"seconds": took, "took": took, "signature": "", "executions": executions}


def shows_finding(tool: pathlib.Path, found: campaign.Found) -> bool:
    """Whether the case shows anything where no bug is switched on."""
    environment = {name: value for name, value in os.environ.items() if name != "TENON_SEEDED_BUG"}
    command = [str(tool), "replay", str(found.case)]
    try:
        return subprocess.run(command, env=environment, capture_output=True, timeout=120).returncode != 0
    except subprocess.TimeoutExpired:
        return True


if __name__ == "__main__":
    campaign.command(main)
