#!/usr/bin/env python3
"""Rejects code that reads a real clock or ambient randomness anywhere but in the one seam for each, and what makes
output depend on the machine. Prints one line a fault; exit 1 if there is any."""
import re
import subprocess
import sys

RULES = [
    (re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)::now\b"), "reads a real clock",
     re.compile(r"^(common/base/real_clock\.cc|bench/)")),
    (re.compile(r"\b(sleep_for|sleep_until)\s*\("), "sleeps for real",
     # The clock's own sleeps are coroutines with the same name.
     None),
    (re.compile(r"\b(std::clock|time|gettimeofday|clock_gettime|localtime|gmtime)\s*\(\s*(NULL|nullptr|0|&|\))"),
     "reads a real clock", re.compile(r"^(common/base/real_clock\.cc|bench/)")),
    (re.compile(r"\bstd::(random_device|mt19937(_64)?|minstd_rand0?|default_random_engine|ranlux\w+|\w+_distribution|"
                r"shuffle|sample)\b|\b(s?rand|drand48)\s*\(|::random\s*\("), "uses randomness that is not base::Random", None),
    (re.compile(r"\bthread_local\b"), "keeps state outside any owner", None),
    (re.compile(r"\bstd::(setlocale|locale::global)\b|\bsetlocale\s*\("), "changes the locale", None),
]
SLEEP_OK = re.compile(r"(clock\w*|Clock|timer)\s*(\.|->|::)\s*sleep_(for|until)\s*\(|awaitable<void>\s+(Clock::)?sleep_"
                      r"|return sleep_until\(now\(\)")


def strip_comments(text):
    text = re.sub(r'"(\\.|[^"\\\n])*"', lambda m: '"' + " " * (len(m.group()) - 2) + '"', text)
    text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text)


def check(path, text):
    faults = []
    for number, line in enumerate(strip_comments(text).splitlines(), 1):
        for pattern, why, place in RULES:
            found = pattern.search(line)
            if not found or (place and place.search(path)):
                continue
            if "sleep" in why and SLEEP_OK.search(line):
                continue
            faults.append(f"{path}:{number}: {found.group().strip()} {why}; use base::Clock or base::Random")
    return faults


def main():
    files = sys.argv[1:] or subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.h", "*.cc"],
                                           check=True, capture_output=True, text=True).stdout.split()
    faults = [f for path in files for f in check(path, open(path, encoding="utf-8").read())]
    print("\n".join(faults) if faults else f"clocks and randomness: {len(files)} files, no fault")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
