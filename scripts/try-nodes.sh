#!/usr/bin/env bash
# Runs what meets Node's own interfaces (stores, threads, the command line, whole jobs) on every Node of `engines` that is not the project's own:
# the oldest, and the newest of its line.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cache="${CI_CACHE:-${TMPDIR:-/tmp}/millrace-ci}/nodes"
oldest=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' "$root/package.json")

for version in "$oldest" "${oldest%%.*}"; do
  folder="$cache/$version"
  if [ ! -x "$folder/node_modules/node/bin/node" ]; then
    mkdir -p "$folder"
    npm install --silent --no-audit --no-fund --prefix "$folder" "node@$version"
  fi
  node="$folder/node_modules/node/bin"
  echo "Node $("$node/node" --version)"
  (cd "$root" && PATH="$node:$PATH" node node_modules/vitest/vitest.mjs run --project quick --reporter dot \
    test/contract test/unit/cli test/unit/dev test/unit/embedded test/unit/event-source test/unit/node test/integration)
done
