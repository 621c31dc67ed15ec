#!/usr/bin/env bash
# npm run demo: an instance of a real OpenStack on a real Ceph is backed up, ruined, and brought back, on this machine.
#
# Needs root on Debian 12; brings the development cloud up when it does not run (the first
# time that installs Debian packages). May be repeated: it first removes what an earlier run left. Asks nothing.
#
# Afterwards instance web-01 stays, to look at, and so do the portal and the cloud. With CI=true nothing of it stays, and the
# cloud is stopped when it was the demo that started it: a CI job should end with no process left, but `npm test` in
# another job may be using a cloud that was up before.
#
# Settings: EMBERKEEP_CLOUD_STATE (see deploy/devcloud/README.md), EMBERKEEP_DEMO_STATE (directory of the demo's
# Emberkeep, default /var/lib/emberkeep-demo, made anew by every run), EMBERKEEP_DEMO_PORTAL (the portal's address,
# default 127.0.0.1:9879).
# Exit code: 0 when everything that the demo promises was found true, else 1.
set -euo pipefail

DEMO_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$DEMO_HOME/../.." && pwd)
DEMO_STATE=${EMBERKEEP_DEMO_STATE:-/var/lib/emberkeep-demo}
CLOUD_WAS_UP=no

for file in lib prepare portal steps; do
  # shellcheck source=/dev/null
  . "$DEMO_HOME/$file.sh"
done

emberkeep() { node "$ROOT/src/main.ts" "$@"; }
guest() { bash "$ROOT/deploy/devcloud/cloud.sh" guest "$@"; }
cloud() { python3 "$DEMO_HOME/cloud.py" "$@"; }

at_exit() {
  local status=$?
  trap - EXIT INT TERM
  [ "$status" = 0 ] || printf '\ndemo: it ended with code %d in step %d, "%s"\n' "$status" "${#STEP_NAMES[@]}" "${STEP_NAMES[-1]}" >&2
  if [ "${CI:-}" = true ]; then
    prepare_clean || true
    [ "$CLOUD_WAS_UP" = yes ] || bash "$ROOT/deploy/devcloud/cloud.sh" down || true
  fi
  exit "$status"
}

main() {
  case ${1:-} in
    '') ;;
    -h | --help)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
      return
      ;;
    clean)
      prepare_node
      prepare_environment
      prepare_clean
      return
      ;;
    *) die "there is nothing called '$1'; it is 'demo.sh' or 'demo.sh clean'" ;;
  esac
  [ "$(id -u)" = 0 ] || die "run it as root (sudo npm run demo): the cloud needs it"
  prepare_node
  trap at_exit EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  step "A real Ceph and OpenStack on this machine"
  prepare_cloud
  step_instance
  step_full
  step_change
  step_increment
  step_disaster
  step_first_point
  step_second_point
  step_root
  step_in_place
  step_by_hand
  step_nothing_left
  step_portal
  step_end
  finish
}

finish() {
  printf '\n== What took how long\n'
  steps_table
  printf '\n== What was proved\n'
  if ! proofs_table; then
    say "$FAILED of these are not true"
    return 1
  fi
  if [ "${CI:-}" != true ]; then
    say ''
    say 'web-01 is still there. To look at it and at its backups:'
    # shellcheck disable=SC2016 # for the reader's shell
    say '  export PATH="$PWD/node_modules/.bin:$PATH"'
    say "  eval \"\$(npm run -s cloud -- env)\"; export OS_CLOUD=emberkeep EMBERKEEP_STATE_DIR=$DEMO_STATE"
    say '  openstack server list --all-projects; node src/main.ts point list web-01'
    say ''
    say "The portal is at $PORTAL_URL; sign in as tenant / devcloud (project tenant),"
    say 'as admin / devcloud (project admin) for the administrator'"'"'s pages; the domain is Default.'
    say ''
    say 'To remove it all: npm run demo -- clean    To stop the cloud: npm run cloud -- down'
  fi
}

main "$@"
