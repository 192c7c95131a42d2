#!/usr/bin/env python3
"""Checks every #include "..." against tools/lint/layers.txt, and heavy third-party headers against the files that may
hold them. Prints one line a fault; exit 1 if there is any."""
import re
import subprocess
import sys

# Third-party headers that cost seconds each to compile, and where they may stand.
HEAVY = [
    (re.compile(r"boost/beast"), re.compile(r"^common/http/.*\.cc$")),
    (re.compile(r"CLI/"), re.compile(r"(^|/)flags\.cc$")),
    (re.compile(r"yaml-cpp/"), re.compile(r"^common/config/.*\.cc$")),
    (re.compile(r"spdlog/"), re.compile(r"^common/base/log\.cc$")),
    (re.compile(r"prometheus/"), re.compile(r"^common/base/metrics\.cc$")),
    (re.compile(r"Random123/"), re.compile(r"\.cc$")),
]


def load_layers(path):
    layers = {}
    for line in open(path, encoding="utf-8"):
        line = line.split("#")[0].strip()
        if line:
            folder, _, allowed = line.partition(":")
            layers[folder.strip()] = allowed.split()
    return layers


def layer_of(path, layers):
    found = [f for f in layers if path.startswith(f + "/")]
    return max(found, key=len) if found else None


def allowed(target, own, layers):
    return any(target == a or target.startswith(a + "/") for a in layers[own] + [own])


def check(path, text, layers):
    faults = []
    own = layer_of(path, layers)
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not match:
            continue
        kind, target = match.groups()
        if kind == "<":
            for header, place in HEAVY:
                if header.match(target) and not place.search(path):
                    faults.append(f"{path}:{number}: <{target}> is heavy and belongs only into {place.pattern}")
        elif own is None:
            faults.append(f"{path}:{number}: no folder of tools/lint/layers.txt contains this file")
        elif "/" not in target:
            faults.append(f'{path}:{number}: include "{target}" by its path from the root of the repository')
        elif not path.endswith("_test.cc") and not allowed(target, own, layers):
            faults.append(f'{path}:{number}: {own} may not include "{target}"')
    return faults


def main():
    layers = load_layers("tools/lint/layers.txt")
    files = sys.argv[1:] or subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.h", "*.cc"],
                                           check=True, capture_output=True, text=True).stdout.split()
    faults = [f for path in files for f in check(path, open(path, encoding="utf-8").read(), layers)]
    print("\n".join(faults) if faults else f"layering: {len(files)} files, no fault")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
