#!/usr/bin/env bash
# Packs what is published, installs it into an empty folder, and uses it as somebody would who has nothing else.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/millrace-package.XXXXXX")
trap 'rm -rf "$folder"' EXIT

cd "$root" && npm run --silent build
cd "$folder"
npm pack --silent "$root/dist" >/dev/null
tarball="$folder/$(ls ./*.tgz | xargs -n 1 basename)"
echo "$(basename "$tarball"): $(wc -c <"$tarball") bytes"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund "$tarball"
npx millrace --version
npx millrace init shop
cd shop
npm install --silent --no-audit --no-fund
npm run --silent types
npm test --silent
npm start --silent
npx millrace dev job.ts --dir run --input orders=orders.jsonl --quiet
npx millrace rows turnover --dir run --limit 3
npm run --silent synth
ls cdk.out/*.template.json
