#!/usr/bin/env python3
"""Finds the spellings that g++ 12 compiles wrongly: in a full expression with co_await, an aggregate temporary or
braced list, or a lambda that captures by value, is destroyed twice; a bare co_await as a condition crashes a coroutine
without local variables. Prints one line a fault; exit 1 if there is any."""
import re
import subprocess
import sys

from check_clocks import strip_comments

# Braces that open a block and not a value.
BLOCK_BEFORE = re.compile(r"(\)|\belse|\bdo|\btry|\bconst|\bnoexcept|\bmutable|\boverride|\bfinal|->\s*[\w:<>,&*\s]+)\s*$")
BARE_CONDITION = re.compile(r"\b(if|while|switch)\s*\(\s*!?\s*co_await\b|\bfor\s*\([^;{}]*;\s*!?\s*co_await\b")
CAPTURE = re.compile(r"\[([^\[\]]*)\]\s*(\(|mutable|\{)")


def statements(text):
    """Yields (offset, statement): text cut at ; and at braces of blocks, so that a braced value stays inside."""
    start, depth, i = 0, 0, 0
    stack = []
    while i < len(text):
        c = text[i]
        if c == "{":
            before = text[start:i]
            is_block = depth == 0 and (not before.strip() or BLOCK_BEFORE.search(before) or
                                       re.search(r"\b(struct|class|namespace|enum|union)\b[^;=(]*$", before))
            stack.append((is_block, depth))
            if is_block:
                yield start, before
                start, depth = i + 1, 0
        elif c == "}":
            is_block, outer = stack.pop() if stack else (True, 0)
            if is_block:
                yield start, text[start:i]
                start, depth = i + 1, outer
        elif c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
        elif c == ";" and depth <= 0:
            yield start, text[start:i]
            start, depth = i + 1, 0
        i += 1


def faults_of(statement):
    body = statement
    if not re.search(r"\bco_await\b", body):
        return
    for match in CAPTURE.finditer(body):
        before = body[:match.start()].rstrip()
        if before and (before[-1].isalnum() or before[-1] in "_)]"):
            continue  # an index, not a lambda
        captures = [c.strip() for c in match.group(1).split(",") if c.strip()]
        if any(not c.startswith("&") and c != "this" for c in captures):
            yield match.start(), "a lambda that captures by value"
    for match in re.finditer(r"\{", body):
        before = body[:match.start()].rstrip()
        if before.endswith(")") or re.search(r"\]\s*$", before):
            continue  # the body of a lambda
        if re.search(r"^\s*(auto|const\s+auto|[\w:<>]+)\s*&?\s*\w+\s*$", before):
            continue  # declares a variable: Type name{...} awaits nothing before the brace
        yield match.start(), "a braced list or an aggregate temporary"


def check(path, text):
    clean = strip_comments(text)
    faults = []
    for offset, statement in statements(clean):
        for position, what in faults_of(statement):
            line = clean.count("\n", 0, offset + position) + 1
            faults.append(f"{path}:{line}: {what} in a full expression with co_await is destroyed twice by g++ 12; "
                          "name it first, then std::move it")
    for match in BARE_CONDITION.finditer(clean):
        line = clean.count("\n", 0, match.start()) + 1
        faults.append(f"{path}:{line}: a bare co_await as a condition crashes with g++ 12; name the result first")
    return faults


def main():
    files = sys.argv[1:] or subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.h", "*.cc"],
                                           check=True, capture_output=True, text=True).stdout.split()
    faults = [f for path in files for f in check(path, open(path, encoding="utf-8").read())]
    print("\n".join(faults) if faults else f"coroutines: {len(files)} files, no fault")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
