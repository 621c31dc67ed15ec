# `reset`: `down`, then forgets everything, so that the next `up` begins from nothing.
# Promise: only files this cloud made are deleted; the cache of the first state stays unless --all is given.
# shellcheck shell=bash

. "$CLOUD_HOME/verbs/down.sh"

verb_reset() {
  verb_down
  rm -rf "$LOG_DIR" "$PID_DIR" "$CONF_DIR" "$DATA_DIR" "$RUN_DIR" "$STATE_DIR"/{ports,clouds.yaml,env.json}
  if [ "${1:-}" = --all ]; then rm -rf "$CACHE_DIR"; fi
  say "the state in $STATE_DIR is gone"
}
