# What must be there before the demo can begin, and the removal of what it leaves.
# Promise: removes nothing but what carries the demo's names, and no directory that it did not make.
# shellcheck shell=bash
# shellcheck disable=SC2034 # variables that other files read

MARK=made-by-the-demo

prepare_node() {
  bash "$ROOT/deploy/ensure-node-modules.sh"
  PATH="$ROOT/node_modules/.bin:$PATH"
}

prepare_environment() {
  local lines
  lines=$(bash "$ROOT/deploy/devcloud/cloud.sh" env)
  eval "$lines"
  export OS_CLOUD=emberkeep EMBERKEEP_STATE_DIR=$DEMO_STATE
  # Settings of another Emberkeep on this machine are not meant for the demo's.
  unset EMBERKEEP_CONFIG EMBERKEEP_ENDPOINT EMBERKEEP_STORE EMBERKEEP_DATABASE_URL EMBERKEEP_KEYSTONE_CLOUD EMBERKEEP_LISTEN
}

prepare_cloud() {
  if bash "$ROOT/deploy/devcloud/cloud.sh" status >/dev/null 2>&1; then CLOUD_WAS_UP=yes; fi
  say ''
  say "\$ npm run -s cloud -- up"
  bash "$ROOT/deploy/devcloud/cloud.sh" up
  prepare_environment
  prepare_clean
  install -d -m 711 "$DEMO_STATE"
  touch "$DEMO_STATE/$MARK"
  say ''
  say "\$ export PATH=\"\$PWD/node_modules/.bin:\$PATH\""
  say "\$ eval \"\$(npm run -s cloud -- env)\""
  say "\$ export OS_CLOUD=emberkeep EMBERKEEP_STATE_DIR=$DEMO_STATE"
  say "\$ alias emberkeep='node src/main.ts' guest='npm run -s cloud -- guest'"
}

# The instances, volumes and images of an earlier run, and its Emberkeep.
prepare_clean() {
  local restores=()
  [ ! -e "$DEMO_STATE/restores" ] || mapfile -t restores <"$DEMO_STATE/restores"
  cloud clean "${restores[@]}"
  [ -e "$DEMO_STATE" ] || return 0
  [ -e "$DEMO_STATE/$MARK" ] || die "$DEMO_STATE exists and is not the demo's; name another one in EMBERKEEP_DEMO_STATE"
  portal_stop
  stop_database
  rm -rf "$DEMO_STATE"
}

# One that was left running by a demo that was killed.
stop_database() {
  local pid directory=$DEMO_STATE/postgres/data
  [ -e "$directory/postmaster.pid" ] || return 0
  read -r pid <"$directory/postmaster.pid"
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$directory" || return 0
  kill -INT "$pid"
  timeout 20 tail --pid="$pid" -f /dev/null || die "the database of an earlier demo (pid $pid) does not end"
}
