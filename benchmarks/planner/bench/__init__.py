"""The planner's benchmark: networks, peers, counting, results and tables. `run.py` is its command."""
