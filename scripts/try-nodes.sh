#!/usr/bin/env bash
# Runs what meets Node's own interfaces (stores, threads, the command line, whole jobs) on every Node of `engines` that is not the project's own:
# the oldest, and the newest of its line. What only computes does the same on each, and is left to the project's own.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
source "$root/scripts/nodes.sh"

for version in "${other_nodes[@]}"; do
  node=$(folder_of_node "$version")
  echo "Node $("$node/node" --version)"
  cd "$root"
  PATH="$node:$PATH" node node_modules/vitest/vitest.mjs run --project quick --reporter dot \
    test/contract test/unit/cli test/unit/dev test/unit/embedded test/unit/event-source test/unit/input test/unit/node test/integration
  PATH="$node:$PATH" node node_modules/vitest/vitest.mjs run --project slow --reporter dot \
    test/contract/sqlite test/contract/damaged test/unit/cli test/integration/deploy-over-state test/integration/heap-limit
done
