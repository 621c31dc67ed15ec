# The first state of OpenStack: schemas, users, catalog. Making it costs twenty seconds of Python, so a copy is kept.
# Promise: `first_state` leaves complete databases and keys behind, from the copy when it fits exactly these packages,
# scripts, ports and paths (all of them are part of its name), else made anew; an interrupted one is begun again.
# shellcheck shell=bash

DATABASES=(keystone glance placement cinder neutron nova_api nova nova_cell0)

first_state_copy() {
  local key
  key=$({
    dpkg-query -W -f '${Package} ${Version}\n' keystone glance-api placement-api cinder-volume neutron-common nova-compute mariadb-server
    cat "$CLOUD_HOME"/{services,lib}/*.sh "$CLOUD_HOME/python/seed_identity.py" "$STATE_DIR/ports"
    echo "$STATE_DIR"
  } | sha256sum | cut -c1-16)
  echo "$CACHE_DIR/first-state-$key.tar"
}

# in_background NAME COMMAND...: runs COMMAND with its output in setup-NAME.log; finish NAME waits and shows it on failure
declare -gA BACKGROUND=()
in_background() {
  local name=$1
  shift
  ( set -e; "$@" ) >"$LOG_DIR/setup-$name.log" 2>&1 &
  BACKGROUND[$name]=$!
}

finish() {
  local name
  for name in "$@"; do
    wait "${BACKGROUND[$name]}" || { tail -n 20 "$LOG_DIR/setup-$name.log" >&2; die "setting up $name failed; see $LOG_DIR/setup-$name.log"; }
  done
}

first_state_make() {
  mariadb_create "${DATABASES[@]}"
  in_background keystone keystone_create_schema
  in_background nova nova_create_schema
  in_background neutron neutron_create_schema
  finish keystone
  keystone_up
  in_background identities keystone_create_identities
  in_background cinder cinder_create_schema
  in_background glance glance_create_schema
  in_background placement placement_create_schema
  finish identities nova neutron cinder glance placement
}

# whether the state that is there has the databases of every service
first_state_complete() {
  local name
  for name in "${DATABASES[@]}"; do [ -d "$DATA_DIR/mariadb/$name" ] || return 1; done
}

first_state() {
  local copy
  if [ -e "$DATA_DIR/first-state-done" ]; then
    first_state_complete || die "the state in $STATE_DIR was made before this cloud had all of its services; forget it: npm run cloud -- reset"
    mariadb_up
    return 0
  fi
  copy=$(first_state_copy)
  stop keystone KILL
  stop mariadb KILL
  rm -rf "$DATA_DIR/mariadb" "$DATA_DIR/keystone"
  mkdir -p "$DATA_DIR/keystone"
  if [ -e "$copy" ] && [ -z "${EMBERKEEP_CLOUD_NO_CACHE:-}" ]; then
    tar -C "$DATA_DIR" -xf "$copy"
    mariadb_up
    say "first state taken from the cache"
  else
    mariadb_up
    first_state_make
    say "first state made"
    if [ -z "${EMBERKEEP_CLOUD_NO_CACHE:-}" ]; then first_state_save "$copy"; fi
  fi
  touch "$DATA_DIR/first-state-done"
}

first_state_save() {
  stop mariadb
  mkdir -p "$CACHE_DIR"
  rm -f "$CACHE_DIR"/first-state-*.tar
  tar -C "$DATA_DIR" -cf "$1.new" mariadb keystone
  mv "$1.new" "$1"
  mariadb_up
}
