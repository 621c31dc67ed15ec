# `down`: ends every process and guest of this cloud and keeps its state.
# Promise: works after any crash, and also for a cloud whose state directory is gone.
# shellcheck shell=bash

verb_down() {
  take_lock
  mkdir -p "$PID_DIR"
  libvirt_kill_guests
  stop_everything
  libvirt_kill_guests
  say "the cloud in $STATE_DIR is down"
}
