"""What the machine is and how busy it is. Linux only: it reads /proc."""

from __future__ import annotations

import os
import pathlib
import platform

_TICK = os.sysconf("SC_CLK_TCK")


def describe_machine() -> dict:
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def machine_line(machine: dict) -> str:
    """What describe_machine() says, as an item of a Markdown list."""
    return (
        f"* {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, "
        f"Python {machine['python']}"
    )


def busy_seconds() -> float:
    """Processor time that all processes together have used since the machine started."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(
        int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / _TICK


def is_running(process: int) -> bool:
    """Whether a thread of the process runs or waits for a processor; all others wait for something."""
    for task in pathlib.Path("/proc", str(process), "task").glob("*/stat"):
        try:
            state = task.read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue  # it has ended
        if state == "R":
            return True
    return False


def session_seconds(session: int) -> float:
    """Processor time of the processes of a session, with that of children that they have waited for."""
    ticks = 0
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            fields = pathlib.Path(entry.path, "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if int(fields[3]) == session:
            ticks += sum(map(int, fields[11:15]))
    return ticks / _TICK
