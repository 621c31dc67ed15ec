#!/usr/bin/env bash
# The one entry point of the development cloud: `npm run cloud -- VERB`.
# Promises: every verb is safe to repeat, two verbs never run at once on one state directory, an unknown verb is an
# error with exit code 2, and nothing outside the state directory is written (but for Debian packages).
set -euo pipefail

CLOUD_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'USAGE'
A real one-node Ceph + OpenStack cloud on 127.0.0.1, as plain processes (run as root).

Usage: npm run cloud -- VERB [ARGUMENTS]

Verbs:
  up [--replace]     install what is missing, start what is not running, wait until all of it answers
                     --replace: first stop another cloud that holds the same ports
  down               stop every process and guest, keep the state
  status             table of services; exit code 0 when all are up, 3 when not
  reset [--all]      down, then delete the state (--all: the cached first state as well)
  env                print `export` lines for a shell
  logs [SERVICE]     follow the log of one service, or of all; -n LINES sets how many lines come first, --no-follow ends
  guest ...          guests that prove what their disks hold (`guest --help`)

Settings (environment, remembered by the state directory from the first `up` on):
  EMBERKEEP_CLOUD_STATE           state directory (default: .devcloud in the repository)
  EMBERKEEP_CLOUD_PORT_BASE       use ports BASE to BASE+111 instead of OpenStack's usual ones
  EMBERKEEP_CLOUD_PORT_<SERVICE>  one port, e.g. EMBERKEEP_CLOUD_PORT_KEYSTONE
  EMBERKEEP_CLOUD_OSD_GIB         size of the OSD's sparse file (default 32)
  EMBERKEEP_CLOUD_TOKEN_SECONDS   lifetime of Keystone tokens (default 86400; read at every `up`)
  EMBERKEEP_CLOUD_NO_CACHE=1      neither use nor save the cached first state

Examples:
  npm run cloud -- up
  eval "$(npm run -s cloud -- env)" && openstack server list
  npm run cloud -- logs nova-compute-libvirt
  npm run cloud -- guest create web --text "HELLO" --file test.txt=precious
  EMBERKEEP_CLOUD_STATE=/tmp/two EMBERKEEP_CLOUD_PORT_BASE=30000 npm run cloud -- up
USAGE
}

main() {
  local verb=${1:-}
  [ $# -gt 0 ] && shift
  case $verb in
    up | down | status | reset | env | logs | guest) ;;
    -h | --help | help) usage; return 0 ;;
    '') usage >&2; return 2 ;;
    *)
      echo "cloud: unknown verb '$verb'; it is one of up, down, status, reset, env, logs, guest (see --help)" >&2
      return 2
      ;;
  esac
  case ${1:-} in
    -h | --help) if [ "$verb" != guest ]; then usage; return 0; fi ;;
  esac
  # shellcheck source-path=SCRIPTDIR source=lib/common.sh
  . "$CLOUD_HOME/lib/common.sh"
  local file
  for file in "$CLOUD_HOME"/lib/{settings,process,packages,ports,fork-services,first-state,environment}.sh "$CLOUD_HOME"/services/*.sh; do
    # shellcheck source=/dev/null
    . "$file"
  done
  case $verb:${1:-} in
    up: | up:--replace | reset: | reset:--all | down: | status: | env: | logs:* | guest:*) ;;
    *) misuse "$verb does not know '$1'" ;;
  esac
  # shellcheck source=/dev/null
  . "$CLOUD_HOME/verbs/$verb.sh"
  "verb_$verb" "$@"
}

main "$@"
