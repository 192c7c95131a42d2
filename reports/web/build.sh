#!/bin/sh
# Builds the page's code into dist/ (or the folder given). The result is checked in; check.sh proves it fresh.
set -eu
cd "$(dirname "$0")"
out=${1:-dist}
npm ci --ignore-scripts --silent
mkdir -p "$out"
banner="/*! uPlot $(node -p "require('uplot/package.json').version"), https://github.com/leeoniya/uPlot
$(cat node_modules/uplot/LICENSE)
*/"
node_modules/.bin/esbuild src/main.js --bundle --minify --format=iife --target=chrome109,firefox115,safari16.4 \
  "--banner:css=$banner" --charset=utf8 --legal-comments=none "--banner:js=$banner" --outfile="$out/report.js" --log-level=warning
