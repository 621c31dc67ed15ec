# Small words every other file speaks: messages, waiting, and a clean environment.
# Promise: Debian's own programs are found first (a pyenv or npm PATH would shadow Debian's python3 with its OpenStack
# modules), no proxy gets between services on the loopback, and nothing is readable by other users of the machine.
# shellcheck shell=bash

export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY PYTHONPATH PYTHONHOME
unset "${!OS_@}" CEPH_ARGS CEPH_CONF
umask 077

STARTED_AT=$(date +%s%N)

say() {
  local tenths=$((($(date +%s%N) - STARTED_AT) / 100000000))
  printf '[%3d.%ds] %s\n' $((tenths / 10)) $((tenths % 10)) "$*"
}

die() {
  echo "cloud: $*" >&2
  exit 1
}

# misuse WORDS: for a command line that makes no sense
misuse() {
  echo "cloud: $* (see --help)" >&2
  exit 2
}

# wait_for WHAT SECONDS COMMAND...: repeats COMMAND ten times a second until it succeeds
wait_for() {
  local what=$1 seconds=$2 end
  shift 2
  end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || die "$what did not become ready within $seconds s; see $LOG_DIR"
    sleep 0.1
  done
}

http_answers() { curl -s -o /dev/null --max-time 3 "$1"; }

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# write_file FILE: stdin becomes FILE in one step, and only when it differs (so that its time stamp says when it changed)
write_file() {
  local file=$1
  mkdir -p "$(dirname "$file")"
  cat >"$file.new"
  if cmp -s "$file.new" "$file"; then rm -f "$file.new"; else mv -f "$file.new" "$file"; fi
}
