# `env`: what a shell needs to speak to this cloud.
# Promise: prints nothing but export lines.
# shellcheck shell=bash

verb_env() {
  [ -e "$STATE_DIR/env.json" ] || die "there is no cloud in $STATE_DIR yet; run: npm run cloud -- up"
  printf 'export %s=%q\n' \
    OS_CLIENT_CONFIG_FILE "$CLOUDS_YAML" \
    OS_CLOUD devcloud-admin \
    CEPH_CONF "$CEPH_CONF_FILE" \
    LIBVIRT_DEFAULT_URI "$LIBVIRT_URI" \
    EMBERKEEP_CLOUD_STATE "$STATE_DIR" \
    EMBERKEEP_CLOUD_ENV "$STATE_DIR/env.json"
}
