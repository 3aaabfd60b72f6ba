"""Checks that the figures of `tenon-plan --emit=json` agree with each other.

usage: check_json.py FILE.json LIMIT
"""

import json
import sys

path, limit = sys.argv[1:]
with open(path) as file:
    (plan,) = json.load(file)["contractions"]
sliced = [[entry["index"], entry["name"], entry["extent"]] for entry in plan["sliced"]]
print("operations", plan["operations"], "slices", plan["slices"], "sliced", *sliced)
steps = plan["steps"]
assert [step["operands"] for step in steps] == plan["ssa_path"]
total = sum(2 ** (step["log2_operations"] + step["log2_runs"]) for step in steps)
print("steps add up" if abs(total / plan["operations"] - 1) < 1e-12 else f"steps give {total}")
assert plan["inputs"] == [[0, 1], [1, 2], [2, 3], [3, 4]] and plan["output"] == [0, 4]
assert plan["sizes"] == [20, 30, 50, 70, 110] and plan["names"] == ["i", "j", "k", "l", "m"]
assert all(event["seconds"] >= 0 and event["log2_cost"] > 0 for event in plan["events"])
largest = max(step["live_bytes"] for step in steps)
print("the largest moment is the peak" if largest == plan["peak_bytes"] else f"the largest moment is {largest}")
print("within the limit" if largest <= int(limit) else f"{largest} bytes")
