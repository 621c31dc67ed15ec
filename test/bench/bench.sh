#!/usr/bin/env bash
# npm run bench: backup and restore beside bare `rbd export-diff` and `rbd import-diff`, on the development cloud.
# Sets up what is missing like npm test (node modules, the cloud), then hands over to bench.ts; see --help.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

bash deploy/ensure-node-modules.sh
export PATH="$PWD/node_modules/.bin:$PATH"
# Without a cloud: the catalog with many made-up rows.
for argument in "$@"; do
  [[ $argument != --scale ]] || exec node test/bench/scale/scale.ts "$@"
done
# Mistakes and --help answer at once, before a cloud is started for them.
node test/bench/bench.ts --check "$@"
for argument in "$@"; do
  case $argument in --help | -h) exit 0 ;; esac
done
bash deploy/devcloud/cloud.sh up >&2
# Built, because that is what operators run: the sources need 30 MiB more, for the compiler in the process.
rm -rf .bench
tsc -p test/bench/tsconfig.json
export EMBERKEEP_CLOUD_STATE="${EMBERKEEP_CLOUD_STATE:-$PWD/.devcloud}"
exec node .bench/test/bench/bench.js "$@"
