#!/usr/bin/env bash
# npm test: from a fresh clone on Debian 12. Sets up what is missing (node modules, the development cloud), then runs the
# checks and the tests; the first part that fails ends it.
#   npm test                 every check, every test that needs no cloud, and on the cloud each capability once
#   npm test -- checks unit  only these parts: checks unit chart histories fuzz cloud integration recovery portal
#   npm test -- thorough     on the cloud what test/cloud-files.ts lists: variants, faults, kill points
#   npm test -- packed       what npm pack makes, installed and started
#   npm test -- all          the parts of npm test, then packed and thorough
#   npm test -- image        the container image, built and run; its build alone takes minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usual=(checks unit chart histories fuzz cloud integration recovery portal)
parts=("$@")
((${#parts[@]})) || parts=("${usual[@]}")
[[ ${parts[*]} != all ]] || parts=("${usual[@]}" packed thorough)

# Several times what the longest part takes; the sweeps through all kill points take as long as they take.
part_limit=80m
[[ ${EMBERKEEP_RECOVERY:-} != full ]] || part_limit=4h

part() { printf '\n== %s\n' "$*"; }

asked() { [[ " ${parts[*]} " == *" $1 "* ]]; }

# Node's test runner prints its own summary. A test that fails may leave something running that would keep its file from ending
# for ever: force-exit ends it, and the time limit whatever else stands still.
run_tests() { # NAME CONCURRENCY GLOB...
  local name=$1 concurrency=$2
  shift 2
  part "$name"
  timeout --signal=INT --kill-after=60 "$part_limit" \
    node --test --test-concurrency="$concurrency" --test-timeout=600000 --test-force-exit --test-reporter=spec \
    --test-global-setup=test/support/shared-postgres.ts "$@"
}

checks() {
  part 'checks: format, lint, types, import rules, dead code'
  local lint status=0
  npm run --silent check:lint &
  lint=$!
  for check in format types imports dead; do npm run --silent "check:$check" || status=1; done
  wait "$lint" || status=1
  return "$status"
}

unit() {
  run_tests 'unit and property tests' 2 'src/**/*.test.ts' 'test/contract/**/*.test.ts' 'test/project/**/*.test.ts'
}

# What Helm renders can only be looked at where there is one.
chart() {
  run_tests 'chart: values, schema and scripts' 2 'test/chart/*.test.ts'
  if command -v helm >/dev/null; then
    helm version --short
    run_tests 'chart: every object of every example, rendered' 2 'test/chart/rendered/*.test.ts'
  else
    echo 'chart: there is no helm on the PATH, so its objects were not rendered and not checked'
  fi
}

# Random histories of backups, deletions and crashes against what the image was; .ci/run does more of them.
histories() { run_tests 'histories: any point restores to what the image was' 2 'test/histories/**/*.test.ts'; }

fuzz() {
  part 'fuzz: one million inputs for the rbd diff reader'
  local seed=${FUZZ_SEED:-1} half
  node test/fuzz/rbd-diff.ts --inputs 500000 --seed "$((seed + 1))" &
  half=$!
  node test/fuzz/rbd-diff.ts --inputs 500000 --seed "$seed"
  wait "$half"
}

cloud() {
  part 'cloud: real Ceph and OpenStack on this machine'
  if [[ ${CI:-} == true ]]; then
    # In CI the machine is ours: a cloud that was left over makes room, and ours does not stay behind.
    trap 'bash deploy/devcloud/cloud.sh down' EXIT
    bash deploy/devcloud/cloud.sh up --replace
  else
    bash deploy/devcloud/cloud.sh up
  fi
}

# The recovery tests kill at the same points each time, so that a red run can be repeated; EMBERKEEP_RECOVERY=full takes all.
on_cloud() { # NAME FOLDER...
  part "$1"
  shift
  EMBERKEEP_RECOVERY_SEED=${EMBERKEEP_RECOVERY_SEED:-265} timeout --signal=INT --kill-after=60 "$part_limit" \
    node test/run-on-cloud.ts "$@"
}

# When both are asked for they run as one, so that the last file of the first does not leave the other lanes idle.
integration() {
  local what='integration tests' folders=(integration)
  if asked recovery; then what='integration and recovery tests' folders+=(recovery); fi
  on_cloud "$what on the real cloud" --extent usual "${folders[@]}"
}

# Whoever asks for more kill points asks for them in every mode.
recovery() {
  local extent=usual
  [[ -z ${EMBERKEEP_RECOVERY:-} ]] || extent=all
  asked integration || on_cloud 'recovery tests on the real cloud' --extent "$extent" recovery
}

# What `npm pack` makes and npm installs, as an operator would.
packed() { run_tests 'the packed program' 1 'test/packed/*.test.ts'; }

thorough() {
  asked cloud || cloud
  in_browser 'thorough tests of the portal' thorough
  local folders=(integration recovery)
  if command -v helm >/dev/null; then
    folders+=(chart/running)
  else
    echo 'thorough: there is no helm on the PATH, so the examples of the chart were not run'
  fi
  on_cloud 'thorough tests on the real cloud' --extent thorough "${folders[@]}"
}

# The built pages in Debian's Chromium. Two at a time: browsers compute.
in_browser() { # NAME EXTENT
  part 'portal: pages and browser'
  bash test/e2e/install-chromium.sh
  npm run --silent build:portal
  on_cloud "$1 in Chromium on the real cloud" --lanes 2 --extent "$2" e2e
}

portal() {
  asked cloud || cloud
  in_browser portal usual
}

# On a base made of Debian's packages, or on EMBERKEEP_IMAGE_BASE where a registry has one.
image() {
  asked cloud || cloud
  part 'image: build'
  local tag=localhost/emberkeep:test base=${EMBERKEEP_IMAGE_BASE:-}
  bash deploy/image/build-local.sh --tag "$tag" ${base:+--base "$base"}
  EMBERKEEP_IMAGE=$tag on_cloud 'image on the real cloud' --lanes 1 image
}

bash deploy/ensure-node-modules.sh
export PATH="$PWD/node_modules/.bin:$PATH"
# Hundreds of processes load the same sources: compiled once, each of them starts in half the time.
export NODE_COMPILE_CACHE="$PWD/node_modules/.cache/compile"
started=$SECONDS
for name in "${parts[@]}"; do
  case $name in
    checks | unit | chart | histories | fuzz | cloud | integration | recovery | portal | packed | thorough | image) "$name" ;;
    *)
      echo "test/run.sh: there is no part '$name'; the parts are: ${usual[*]} packed thorough image, and all" >&2
      exit 2
      ;;
  esac
done
printf '\nall parts passed in %d s: %s\n' "$((SECONDS - started))" "${parts[*]}"
