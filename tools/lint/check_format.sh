#!/usr/bin/env bash
# Exit 1, naming the files, if clang-format would change any C++ source.
set -uo pipefail
command -v clang-format >/dev/null || { echo "formatting: no clang-format here" >&2; exit 1; }
bad=0
while IFS= read -r -d '' file; do
  [ -f "$file" ] || continue
  clang-format --dry-run --Werror "$file" 2>/dev/null || { echo "$file: not formatted; run make fmt"; bad=1; }
done < <(git ls-files -z --cached --others --exclude-standard '*.h' '*.cc')
[ $bad -eq 0 ] && echo "formatting: no fault"
exit $bad
