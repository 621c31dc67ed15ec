# Starting, finding and stopping the cloud's processes.
# Promises: a process is known by its pid and its start time, so a reused pid is never taken for ours; everything a
# service left behind is gone before it starts again; `stop_everything` finds processes by a mark in their environment,
# so it works after a crash and even when the state directory was deleted under them.
# shellcheck shell=bash

# The mark. A shell that ran `eval "$(cloud env)"` does not carry it.
PROCESS_MARK=EMBERKEEP_CLOUD_PROCESS=$STATE_DIR

start_time() { sed -n 's/.*) //p' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

record_pid() { echo "$2 $(start_time "$2")" >"$PID_DIR/$1"; }

recorded_pid() {
  local pid=
  [ -s "$PID_DIR/$1" ] && read -r pid _ <"$PID_DIR/$1"
  echo "$pid"
}

is_running() {
  local pid started state
  [ -s "$PID_DIR/$1" ] || return 1
  read -r pid started <"$PID_DIR/$1"
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] || return 1
  state=$(sed -n 's/.*) //p' "/proc/$pid/stat" 2>/dev/null | cut -c1)
  [ "$state" != Z ]
}

marked_pids() { grep -l -z -x -F -e "$PROCESS_MARK" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 || true; }

# Kills what is left of a service whose main process died: the members of its process group that carry the mark.
kill_leftovers() {
  local group pid
  group=$(recorded_pid "$1")
  [ -n "$group" ] || return 0
  for pid in $(marked_pids); do
    if [ "$(sed -n 's/.*) //p' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f3)" = "$group" ]; then
      kill -KILL "$pid" 2>/dev/null || true
    fi
  done
}

# start SERVICE COMMAND...: runs COMMAND in its own session with its own log, unless it runs already
start() {
  local service=$1
  shift
  if is_running "$service"; then return 0; fi
  kill_leftovers "$service"
  env "$PROCESS_MARK" setsid "$@" >>"$LOG_DIR/$service.log" 2>&1 </dev/null 9>&- &
  record_pid "$service" $!
}

# stop SERVICE [SIGNAL]: ends the service's process group, harshly after ten seconds
stop() {
  local service=$1 signal=${2:-TERM} pid turn
  pid=$(recorded_pid "$service")
  if is_running "$service"; then
    kill "-$signal" -- "-$pid" 2>/dev/null || kill "-$signal" "$pid" 2>/dev/null || true
    for turn in $(seq 100); do
      is_running "$service" || break
      sleep 0.1
      [ "$turn" -lt 100 ] || kill -KILL "$pid" 2>/dev/null || true
    done
  fi
  kill_leftovers "$service"
  rm -f "$PID_DIR/$service"
}

# Databases and Ceph are asked to end, everything else is stateless and is killed at once. The OSD goes first: it takes
# leave of the monitor, which makes the next start faster, and would wait five seconds for one that is gone.
stop_everything() {
  local service pid graceful=(mon mariadb)
  stop osd
  for pid in $(marked_pids); do
    for service in "${graceful[@]}"; do
      if [ "$(recorded_pid "$service")" = "$pid" ]; then kill -TERM "$pid" 2>/dev/null || true; continue 2; fi
    done
    kill -KILL "$pid" 2>/dev/null || true
  done
  for _ in $(seq 100); do
    [ -n "$(marked_pids)" ] || break
    sleep 0.1
  done
  for pid in $(marked_pids); do kill -KILL "$pid" 2>/dev/null || true; done
  rm -f "$PID_DIR"/*
}

# Held for the life of this shell; children get the descriptor closed (9>&-), or a daemon would hold it for ever.
take_lock() {
  mkdir -p "$STATE_DIR"
  exec 9>"$STATE_DIR/lock"
  if ! flock -n 9; then
    echo "cloud: another cloud command works on $STATE_DIR, waiting for it" >&2
    flock -w 600 9 || die "another cloud command still works on $STATE_DIR after 10 minutes"
  fi
}
