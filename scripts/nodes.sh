# Sourced: the Nodes of `engines` that are not the project's own, the oldest one and the newest of its line.
cache="${CI_CACHE:-${TMPDIR:-/tmp}/millrace-ci}/nodes"
oldest=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' "$root/package.json")
other_nodes=("$oldest" "${oldest%%.*}")

# Installs a Node where it isn't yet, and prints the folder of its program.
folder_of_node() {
  local folder="$cache/$1"
  if [ ! -x "$folder/node_modules/node/bin/node" ]; then
    mkdir -p "$folder"
    npm install --silent --no-audit --no-fund --prefix "$folder" "node@$1" >&2
  fi
  echo "$folder/node_modules/node/bin"
}
