#!/usr/bin/env python3
"""Runs the fuzz targets, two at a time, each for so many seconds: what it executed and found, a line each.

Every committed input (tests/fuzz/corpus, and the files of tests/data and kinds) is executed first, then what a
target grew before in build/fuzz/corpus, then new ones. An input that breaks a target is kept in
build/fuzz/findings; once it is mended, it belongs into tests/fuzz/corpus.
"""

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
CORPUS = SOURCE / "tests" / "fuzz" / "corpus"
BUILD = SOURCE / "build" / "fuzz"
FINDINGS = BUILD / "findings"
JOBS = 2
# One input: its memory, its time, its length.
LIMITS = ("-rss_limit_mb=1024", "-malloc_limit_mb=256", "-timeout=10")
SHOWN_LINES = 25
LONGEST_BYTES = {"http_framing": 2048, "settings": 8192}
SANITIZERS = {"ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-16",
              "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}

# Files that other tests and the product have anyway.
ALSO = {
    "settings": ("deploy/config", "tests/data/bad/config"),
    "kind": ("kinds", "tests/data/bad/kinds", "tests/data/good/kinds", "tests/data/hooks"),
    "page": ("kinds", "tests/data/bad/kinds", "tests/data/good/kinds"),
    "schema": ("kinds", "tests/data/bad/schemas"),
}


def targets():
    return sorted(file.stem.removesuffix("_fuzz") for file in Path(__file__).parent.glob("*_fuzz.cpp"))


def write_upload_seeds(folder):
    """The uploads of tests/data, each with the three lines that the target reads before the body."""
    folder.mkdir(parents=True, exist_ok=True)
    for uploads in (SOURCE / "tests" / "data" / "good" / "uploads", SOURCE / "tests" / "data" / "bad" / "uploads"):
        rows = [line.split("\t") for line in (uploads / "expected.tsv").read_text().splitlines()[1:]]
        for name, content_type, encoding, *_ in (row for row in rows if len(row) > 3):
            lines = ["transaction", content_type, "" if encoding == "-" else encoding, ""]
            (folder / name).write_bytes("\n".join(lines).encode() + (uploads / name).read_bytes())
    return folder


def corpora(target):
    """The first is the one that grows."""
    grown = BUILD / "corpus" / target
    grown.mkdir(parents=True, exist_ok=True)
    folders = [grown, CORPUS / target, *(SOURCE / folder for folder in ALSO.get(target, ()))]
    if target == "upload":
        folders.append(write_upload_seeds(BUILD / "seeds" / target))
    return [str(folder) for folder in folders if folder.is_dir()]


def command(target, seconds):
    dictionary = CORPUS.parent / f"{target}.dict"
    return [str(BUILD / "tests" / "fuzz" / f"fuzz_{target}"), f"-max_total_time={seconds}", *LIMITS,
            f"-max_len={LONGEST_BYTES.get(target, 4096)}", f"-artifact_prefix={FINDINGS / target}-",
            *([f"-dict={dictionary}"] if dictionary.exists() else []),
            "-print_final_stats=1", "-verbosity=1", *corpora(target)]


def run(target, seconds):
    """The line to print, and whether nothing was found."""
    # Loading the corpus counts as well; whoever hangs outside of an input is ended.
    result = subprocess.run(command(target, seconds), cwd=SOURCE, env={**os.environ, **SANITIZERS},
                            capture_output=True, timeout=seconds + 300, check=False)
    output = result.stderr.decode(errors="replace")
    (BUILD / f"{target}.log").write_text(output)
    executed = re.findall(r"stat::number_of_executed_units:\s*(\d+)", output)
    covered = re.findall(r"cov: (\d+)", output)
    line = (f"{target:<14} {int(executed[-1]) if executed else 0:>10,} executions   "
            f"{covered[-1] if covered else '?':>6} edges   ")
    if result.returncode == 0:
        return line + "no findings", True
    kept = re.findall(r"Test unit written to (\S+)", output)
    return f"{line}FAILED ({result.returncode}): {' '.join(kept) or 'see its log'}\n{tail(output)}", False


def tail(output):
    """From where the fault begins."""
    lines = output.splitlines()
    starts = [i for i, line in enumerate(lines) if re.search(r"broken promise|ERROR|runtime error", line)]
    return "\n".join(lines[starts[0]:][:SHOWN_LINES] if starts else lines[-SHOWN_LINES:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="of each target; 0: only the inputs that there are")
    parser.add_argument("targets", nargs="*", default=targets(), help="all of them by default")
    arguments = parser.parse_args()
    FINDINGS.mkdir(parents=True, exist_ok=True)
    good = True
    with ThreadPoolExecutor(JOBS) as pool:
        for line, clean in pool.map(lambda target: run(target, arguments.seconds), arguments.targets):
            print(line, flush=True)
            good = good and clean
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
