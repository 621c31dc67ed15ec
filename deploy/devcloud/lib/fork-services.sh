# Starts the daemons of one OpenStack project from one Python process (python/fork_services.py).
# Promise: only those that do not run are started, each with its own session, log and pid file.
# shellcheck shell=bash

# fork_services PROJECT SERVICE=CONF...
fork_services() {
  local project=$1 pair dead=()
  shift
  for pair in "$@"; do
    if is_running "${pair%%=*}"; then continue; fi
    kill_leftovers "${pair%%=*}"
    rm -f "$PID_DIR/${pair%%=*}"
    dead+=("$pair")
  done
  [ "${#dead[@]}" -gt 0 ] || return 0
  env "$PROCESS_MARK" setsid python3 "$CLOUD_HOME/python/fork_services.py" "$project" "$LOG_DIR" "$PID_DIR" \
    "${PORTS[rabbitmq]}" "${dead[@]}" >>"$LOG_DIR/fork-$project.log" 2>&1 </dev/null 9>&- &
}

# privsep CONF SECTION...: helpers for privileged work are started directly (everything is root here), not through sudo,
# which would also lose the mark by which `down` finds them.
privsep() {
  local conf=$1 section
  shift
  for section in "$@"; do printf '[%s]\nhelper_command = privsep-helper --config-file %s\n' "$section" "$conf"; done
}
