#!/usr/bin/env bash
# All lints; exit 1 if any finds a fault. ctest runs each of them as a test of its own.
cd "$(dirname "$0")/../.." || exit 2
failed=0
for lint in check_layering.py check_clocks.py check_coroutines.py check_text.py; do
  python3 tools/lint/$lint || failed=1
done
tools/lint/check_format.sh || failed=1
exit $failed
