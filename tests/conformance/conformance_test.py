"""Writes docs/conformance.md from checklist.txt and checks that each row's tests exist. --write accepts the document."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))
DOCUMENT = os.path.join(ROOT, "docs", "conformance.md")
NEEDED = 110

HEAD = """# Conformance

What real clients need of a Kubernetes API server, and what proves that fake-apiserver gives it. The tests named
`kubectl/…`, `dispatcher/…`, `helm/…` and `programs:CLIENT/…` are those of `tests/clients`, which run the clients
themselves; the others are of GoogleTest, in the folders of the modules. `make test` runs all of them but `crowd/…`,
which is large and runs with `make test-all`; the time that it takes is measured by `make bench`. KEDA and
kube-controller-manager are too large to be built for a test: `programs:operators` does what they do, with the libraries
that they use. {proven} of {total} rows are proven.

"""


def known_tests():
    """Every test that the sources define, by the name that a row gives it."""
    found = set()
    files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*_test.cc", "*_test.py"],
                           cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    for path in files:
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            text = file.read()
        if path.endswith(".cc"):
            found.update(f"{suite}.{name}" for suite, name in
                         re.findall(r"^(?:TEST|TEST_F|TEST_P)\(\s*(\w+),\s*(\w+)\)", text, re.M))
        elif path.startswith("tests/clients/"):
            script = os.path.basename(path)[:-len("_test.py")]
            for name in re.findall(r"^    def (test_\w+)\(", text, re.M):
                found.update([f"{script}/{name}", *(f"{script}:{client}/{name}" for client in clients_of(script))])
    return found


def clients_of(script):
    """Which clients ctest runs a script of tests/clients with."""
    with open(os.path.join(ROOT, "tests", "clients", "CMakeLists.txt"), encoding="utf-8") as file:
        text = file.read()
    if script == "programs":
        return re.search(r"foreach\(client IN ITEMS ([\w ]+)\)", text).group(1).split()
    return re.findall(rf"SCRIPT {script}_test.py VARIABLE \w+=([\w.-]+)", text)


def rows():
    """("==", title) or (number, what, tests, reason)."""
    with open(os.path.join(HERE, "checklist.txt"), encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if line.startswith("=="):
                yield "==", line[2:].strip()
            elif line and not line.startswith("#"):
                number, what, tests = (part.strip() for part in line.split("|", 2))
                if tests.startswith("-"):
                    yield int(number), what, [], tests[1:].strip()
                else:
                    yield int(number), what, tests.split(), ""


def render(table):
    numbered = [row for row in table if row[0] != "=="]
    text = HEAD.format(proven=sum(1 for row in numbered if row[2]), total=len(numbered))
    for row in table:
        if row[0] == "==":
            text += f"{chr(10) if '## ' in text else ''}## {row[1]}\n\n| | what | proven by |\n|---|---|---|\n"
        else:
            number, what, tests, reason = row
            text += f"| {number} | {what} | {', '.join(f'`{t}`' for t in tests) or 'not proven: ' + reason} |\n"
    return text


def main():
    table = list(rows())
    numbered = [row for row in table if row[0] != "=="]
    known = known_tests()
    faults = [f"row {row[0]}: there is no test {test}" for row in numbered for test in row[2] if test not in known]
    faults += [f"row {row[0]}: neither tests nor a reason" for row in numbered if not row[2] and not row[3]]
    if [row[0] for row in numbered] != list(range(1, len(numbered) + 1)):
        faults.append("the rows are not numbered from 1 without gaps")
    proven = sum(1 for row in numbered if row[2])
    if proven < NEEDED:
        faults.append(f"only {proven} rows are proven, {NEEDED} are needed")
    text = render(table)
    if "--write" in sys.argv:
        with open(DOCUMENT + ".part", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(DOCUMENT + ".part", DOCUMENT)
    elif not os.path.exists(DOCUMENT) or open(DOCUMENT, encoding="utf-8").read() != text:
        faults.append("docs/conformance.md is not what checklist.txt gives; run this with --write")
    print("\n".join(faults) if faults else f"conformance: {proven} of {len(numbered)} rows proven")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
