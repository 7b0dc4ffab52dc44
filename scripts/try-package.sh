#!/usr/bin/env bash
# Packs what is published, and plays a newcomer's first hour with it on every Node of `engines`: the project's own, the oldest, and the newest of that line.
# Side by side, for most of an hour is waiting; what each prints is shown when it is over.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
source "$root/scripts/nodes.sh"
folder=$(mktemp -d "${TMPDIR:-/tmp}/millrace-package.XXXXXX")
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT

cd "$root" && npm run --silent build
cd "$folder"
npm pack --silent "$root/dist" >/dev/null
tarball="$folder/$(ls ./*.tgz | xargs -n 1 basename)"
echo "$(basename "$tarball"): $(wc -c <"$tarball") bytes"

# Whoever has an older Node reads one sentence, and no trace of what that Node lacks.
older=$(folder_of_node 20)
! said=$("$older/node" "$root/dist/cli/millrace.js" --version 2>&1) || { echo "FAILED: Node 20 is taken"; exit 1; }
[[ "$said" =~ ^"millrace: needs Node ${oldest} or newer"[^$'\n']*$ ]] || { printf 'FAILED: Node 20 is told\n%s\n' "$said"; exit 1; }
echo "$said"

paths=("$PATH")
for version in "${other_nodes[@]}"; do paths+=("$(folder_of_node "$version"):$PATH"); done
hours=()
for at in "${!paths[@]}"; do
  # What `npm exec` installs lies where the tarball's path says: each has its own.
  mkdir "$folder/$at" && cp "$tarball" "$folder/$at/"
  PATH="${paths[at]}" "$root/scripts/first-hour.sh" "$folder/$at/$(basename "$tarball")" >"$folder/$at.log" 2>&1 &
  hours+=($!)
done
failed=0
for at in "${!paths[@]}"; do
  wait "${hours[at]}" || failed=1
  cat "$folder/$at.log"
done
exit "$failed"
