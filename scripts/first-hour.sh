#!/usr/bin/env bash
# Plays a newcomer's first hour with the package that is published, in an empty folder, with the Node and npm on the PATH: `scripts/first-hour.sh <tarball>`.
# Prints what is typed and what it prints; ends at the first command that answers otherwise than it should. No account; beside npm's registry it needs what the emulators are installed with (docs/emulators.md).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
tarball=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/millrace-first-hour.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export NO_COLOR=1
cd "$folder"

fail() {
  printf '\nFAILED: %s\n' "$1"
  exit 1
}

# play <exit code> <command>: what it prints is in $printed afterwards.
play() {
  local wanted=$1 code=0
  printf '\n$ %s\n' "$2"
  printed=$(bash -c "$2" 2>&1) || code=$?
  printf '%s\n' "$printed"
  [ "$code" -eq "$wanted" ] || fail "exit code $code instead of $wanted"
}
shows() {
  for text in "$@"; do
    grep -qF -- "$text" <<<"$printed" || fail "it should have printed: $text"
  done
}
hides() {
  ! grep -qF -- "$1" <<<"$printed" || fail "it should not have printed: $1"
}

echo "Node $(node --version), npm $(npm --version)"

# A project, without anything installed before.
play 0 "npm exec --yes --package='$tarball' -- millrace init shop"
shows "shop is written to" "npm start"
cd shop
npm install --silent --no-audit --no-fund
play 0 "npm run --silent types"

# What comes with it, and then one's own data.
play 0 "npm start --silent"
shows "turnover:"
cat >own.csv <<'ROWS'
id,customer,cents,atMs
a1,ada,250,1767225600000
b1,bob,1200,1767225601000
a2,ada,750,1767225630000
a3,ada,100,1767225660000
ROWS
play 0 "npx millrace dev job.ts --dir run --input orders=own.csv"
shows "turnover: 3 rows" "dead letters 0"
play 0 "npx millrace rows turnover --dir run --order-by customer"
shows "1767225600000       2   1000" "1767225660000       1    100" "bob"
play 0 "npx millrace query turnover --dir run --where 'cents>=1000' --order-by customer --fields customer,cents --csv"
shows "customer,cents" "ada,1000" "bob,1200"
hides "ada,100,"
play 0 "npx millrace status --dir run"
shows "job shop: finished" "4 records"
play 0 "npx millrace explain job.ts"
shows "turnover"

# Mistakes: each says what was wrong, where, and what would be right.
play 2 "npx millrace dve job.ts"
shows 'no command "dve"' 'did you mean "dev"'
play 2 "npx millrace dev job.ts --inptu orders=own.csv"
shows "no option --inptu" "did you mean --input"
play 1 "npx millrace dev jbo.ts"
shows "jbo.ts is not a file" "entry-missing"
play 2 "npx millrace dev job.ts --input order=own.csv"
shows 'names the stream "order"' "reads orders"
play 2 "npx millrace dev job.ts --input orders=owm.csv"
shows "no file or folder owm.csv"
play 1 "npx millrace rows --dir rum"
shows 'no folder "rum"'
play 1 "npx millrace dev job.ts --dir run --input orders=own.csv"
shows "has ended before"
play 1 "npx millrace init ../shop"
shows "is not empty" "nothing was written"

sed 's/uid: "minutes"/uid: "orders"/' job.ts >twice.ts
play 1 "npx millrace explain twice.ts"
shows 'The uid "orders" is given twice' "twice.ts:" "uid-duplicate"
printf 'export const job = 1;\n' >empty.ts
play 1 "npx millrace explain empty.ts"
shows "empty.ts"

# A record that can't be used is put aside, and the exit code says so.
printf 'b2,bob,many,1767225662000\n' >>own.csv
play 3 "npx millrace dev job.ts --dir again --input orders=own.csv --quiet"
shows "turnover: 3 rows" "dead letters 1"
play 0 "npx millrace deadletters list --dir again"
shows "undecodable" "cents"
play 0 "npx millrace dev job.ts --input orders=own.csv --quiet --allow-dead-letters"

# The job's own test, and the template that would be deployed.
play 0 "npm test --silent"
shows "passed"
hides "Sourcemap"
play 0 "npm run --silent synth"
play 0 "ls cdk.out"
shows "Shop.template.json"

# What the tutorial shows, with what it says is installed before; its end on emulators of AWS, which are installed where they are not yet.
mkdir ../tutorial && cd ../tutorial
npm init -y >/dev/null && npm pkg set type=module
npm install --silent --no-audit --no-fund "$tarball" zod vitest aws-cdk-lib constructs
node "$root/scripts/play-document.ts" "$root/docs/tutorial.md" || fail "the tutorial shows something else"
cd shop
node "$root/scripts/play-document.ts" "$root/docs/tutorial.md" --on=emulators || fail "the tutorial shows something else on emulators"
cd ../../shop

# What comes with the package leads somewhere, and its JavaScript to its TypeScript.
play 0 "node '$root/scripts/dead-links.ts' node_modules/millrace"
node - <<'SCRIPT'
const { globSync, readFileSync } = require("node:fs");
const maps = globSync("node_modules/millrace/{cli,dev,runtime,testing}/**/*.js.map");
const bare = maps.filter((file) => JSON.parse(readFileSync(file, "utf8")).sourcesContent?.[0] === undefined);
console.log(`${maps.length} source maps`);
if (maps.length === 0 || bare.length > 0) throw new Error(`without sources: ${bare.slice(0, 5)}`);
SCRIPT
printf '\nthe first hour is over, with Node %s\n' "$(node --version)"
