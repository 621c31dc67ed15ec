# Who holds our ports.
# Promise: `up` never fights another program over a port: it names the holder, and whether that is another cloud of ours.
# shellcheck shell=bash

# port_holder PORT: pid that listens on it
port_holder() { ss -H -l -t -n -p "sport = :$1" 2>/dev/null | sed -n 's/.*pid=\([0-9]*\).*/\1/p' | head -1; }

# cloud_of_pid PID: the state directory of the cloud a process belongs to, or nothing
cloud_of_pid() { tr '\0' '\n' <"/proc/$1/environ" 2>/dev/null | sed -n 's/^EMBERKEEP_CLOUD_PROCESS=//p' | head -1; }

# Sets FOREIGN_CLOUD to the state directory of another cloud on our ports; dies when something else is there.
ports_check() {
  local name pid owner
  FOREIGN_CLOUD=
  for name in "${PORT_NAMES[@]}"; do
    pid=$(port_holder "${PORTS[$name]}")
    [ -n "$pid" ] || continue
    owner=$(cloud_of_pid "$pid")
    if [ "$owner" = "$STATE_DIR" ]; then continue; fi
    [ -n "$owner" ] || die "port ${PORTS[$name]} ($name) is held by process $pid ($(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-80)); stop it, or choose others with EMBERKEEP_CLOUD_PORT_BASE"
    FOREIGN_CLOUD=$owner
    return 0
  done
}

ports_claim() {
  ports_check
  [ -n "$FOREIGN_CLOUD" ] || return 0
  if [ "${1:-}" != --replace ]; then
    die "the ports are held by the cloud in $FOREIGN_CLOUD. Stop that one:
  EMBERKEEP_CLOUD_STATE=$FOREIGN_CLOUD npm run cloud -- down     (or: npm run cloud -- up --replace)
or start this one elsewhere: EMBERKEEP_CLOUD_PORT_BASE=30000 npm run cloud -- up"
  fi
  say "stopping the cloud in $FOREIGN_CLOUD"
  (
    unset "${!EMBERKEEP_CLOUD_PORT@}"
    EMBERKEEP_CLOUD_STATE=$FOREIGN_CLOUD bash "$CLOUD_HOME/cloud.sh" down 9>&-
  )
  ports_check
  [ -z "$FOREIGN_CLOUD" ] || die "the cloud in $FOREIGN_CLOUD still holds our ports"
}
