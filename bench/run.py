"""What vaultscribe itself costs: its own latency per link, and an idle `watch`.

Run by `make bench`. Nothing here is asserted: each figure stands beside what the same
machine did in the same run, so that it can be compared between machines.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from llm_server import LlmServer
from program import Program, until
from vaultscribe.demo.site import Site

LINKS = 8
IDLE_S = 30.0
SETTINGS = """\
[llm]
base_url = "{url}"
model = "loopback"
[jobs]
settle_s = 0
"""


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Site() as site,
        LlmServer("right") as llm,
    ):
        program = Program(Path(folder), SETTINGS.format(url=llm.base_url))
        with program.running("watch") as process:
            assert process.stdout
            process.stdout.readline()
            latency(program, site)
            idle(process.pid)


def latency(program: Program, site: Site) -> None:
    """Time links one by one from the ⏳ of their line to its tick."""
    taken = []
    for number in range(LINKS):
        address = f"{site.english_talk}?talk={number}"
        program.drop(address)
        until(lambda a=address: _line(program, a).endswith("⏳"))
        start = time.perf_counter()
        until(lambda a=address: "→ [[" in _line(program, a))
        taken.append(time.perf_counter() - start)
    bare = bare_ytdlp(f"{site.english_talk}?talk=bare")
    first, later = taken[0], statistics.median(taken[1:])
    print(f"own latency of a link, from taking to ticking ({LINKS} links, one by one)")
    print(f"  the first, which loads the libraries   {first:6.2f} s")
    print(f"  the others, median                     {later:6.2f} s   (aim: under 2 s)")
    print(f"  one page by bare yt-dlp, in a process  {bare:6.2f} s")
    print(f"  ratio of the others to bare yt-dlp     {later / bare:6.2f}")


def bare_ytdlp(url: str) -> float:
    """Time yt-dlp's own command on the same page."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "yt_dlp", "--skip-download", "--quiet", url], check=True
    )
    return time.perf_counter() - start


def idle(pid: int) -> None:
    """Measure the processor time of a `watch` that has nothing to do."""
    time.sleep(5)
    loop = "import os, time\nwhile True: os.stat('.'); time.sleep(1)"
    with subprocess.Popen([sys.executable, "-c", loop]) as looking:
        time.sleep(1)
        before = _cpu_s(pid), _cpu_s(looking.pid)
        time.sleep(IDLE_S)
        after = _cpu_s(pid), _cpu_s(looking.pid)
        looking.kill()
    watch, bare = ((b - a) / IDLE_S * 100 for a, b in zip(before, after, strict=True))
    print(f"an idle watch, over {IDLE_S:.0f} s")
    print(f"  processor                              {watch:6.2f} %   (aim: under 1 %)")
    print(f"  a bare loop that looks once a second   {bare:6.2f} %")
    print(f"  memory                                 {_rss_mb(pid):6.0f} MB")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  (this bench itself                     {peak:6.0f} MB)")


def _line(program: Program, address: str) -> str:
    found = [line for line in program.lines() if f"{address} " in f"{line} "]
    return found[0] if found else ""


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
