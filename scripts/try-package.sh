#!/usr/bin/env bash
# Packs what is published, and plays a newcomer's first hour with it on every Node of `engines`: the project's own, the oldest, and the newest of that line.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
source "$root/scripts/nodes.sh"
folder=$(mktemp -d "${TMPDIR:-/tmp}/millrace-package.XXXXXX")
trap 'rm -rf "$folder"' EXIT

cd "$root" && npm run --silent build
cd "$folder"
npm pack --silent "$root/dist" >/dev/null
tarball="$folder/$(ls ./*.tgz | xargs -n 1 basename)"
echo "$(basename "$tarball"): $(wc -c <"$tarball") bytes"
"$root/scripts/first-hour.sh" "$tarball"
for version in "${other_nodes[@]}"; do
  PATH="$(folder_of_node "$version"):$PATH" "$root/scripts/first-hour.sh" "$tarball"
done
