#!/bin/sh
# Rebuilds the page's code elsewhere and compares: exit 1 if what is checked in is not what the sources give.
set -eu
cd "$(dirname "$0")"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
sh build.sh "$fresh"
for file in report.js report.css; do
  if ! cmp -s "$fresh/$file" "dist/$file"; then
    echo "reports/web/dist/$file is not what its sources give; run reports/web/build.sh" >&2
    exit 1
  fi
done
