# Where the cloud lives and which ports it uses.
# Promise: after this file every path and port is known, and a state directory keeps the ports it was made with (they
# are in the databases), so that `down`, `status` and `env` need to be told nothing but the directory.
# shellcheck shell=bash disable=SC2034

REPOSITORY=$(cd "$CLOUD_HOME/../.." && pwd)
STATE_DIR=$(realpath -m "${EMBERKEEP_CLOUD_STATE:-$REPOSITORY/.devcloud}")
LOG_DIR=$STATE_DIR/log
PID_DIR=$STATE_DIR/pid
CONF_DIR=$STATE_DIR/etc
DATA_DIR=$STATE_DIR/data
CACHE_DIR=$STATE_DIR/cache

# A unix socket's path ends at 107 characters, and ours need up to 45 after the run directory.
RUN_DIR=$STATE_DIR/run
if [ "${#STATE_DIR}" -gt 58 ]; then
  RUN_DIR=/tmp/emberkeep-cloud-$(printf %s "$STATE_DIR" | sha256sum | cut -c1-12)
fi

CEPH_CONF_FILE=$CONF_DIR/ceph/ceph.conf
CEPH_KEYRING=$CONF_DIR/ceph/ceph.client.admin.keyring
CLOUDS_YAML=$STATE_DIR/clouds.yaml
LIBVIRT_URI="qemu+unix:///system?socket=$RUN_DIR/libvirt/libvirt-sock"

HOST_CINDER=devcloud
HOST_FAKE=devcloud-fake
HOST_LIBVIRT=devcloud-libvirt
LIBVIRT_SECRET_UUID=5f1c0a52-6c1e-4a3e-8a67-0e2c7b9c1d40

# One password for the services, one for the people: this cloud listens on the loopback only and holds nothing secret.
SERVICE_PASSWORD=devcloud-service
USER_PASSWORD=devcloud
S3_ACCESS_KEY=emberkeep
S3_SECRET_KEY=devcloud-s3-secret
# The key of all encrypted volumes, 256 bits: Cinder and Nova have it from their configuration, in place of a Barbican.
VOLUME_KEY=6465766b636c6f75642d6b65792d6f662d656e637279707465642d766f6c756d

OSD_GIB=${EMBERKEEP_CLOUD_OSD_GIB:-32}
TOKEN_SECONDS=${EMBERKEEP_CLOUD_TOKEN_SECONDS:-86400}

# The order is the offset from EMBERKEEP_CLOUD_PORT_BASE. `ceph` is the first of 100 ports for the OSD and the manager.
PORT_NAMES=(keystone nova cinder placement glance neutron rgw mon_v2 mon_v1 rabbitmq rabbitmq_dist epmd ceph)
declare -gA PORT_DEFAULTS=(
  [keystone]=5000 [nova]=8774 [cinder]=8776 [placement]=8778 [glance]=9292 [neutron]=9696 [rgw]=17480
  [mon_v2]=13300 [mon_v1]=16789 [rabbitmq]=15673 [rabbitmq_dist]=25673 [epmd]=14369 [ceph]=16800
)
declare -gA PORTS=()

settings_wanted_port() {
  local name=$1 offset=$2 variable=EMBERKEEP_CLOUD_PORT_${1^^}
  if [ -n "${!variable:-}" ]; then
    echo "${!variable}"
  elif [ -n "${EMBERKEEP_CLOUD_PORT_BASE:-}" ]; then
    echo $((EMBERKEEP_CLOUD_PORT_BASE + offset))
  fi
}

settings_load_ports() {
  local name value wanted offset=0
  for name in "${PORT_NAMES[@]}"; do PORTS[$name]=${PORT_DEFAULTS[$name]}; done
  if [ -f "$STATE_DIR/ports" ]; then
    while IFS='=' read -r name value; do PORTS[$name]=$value; done <"$STATE_DIR/ports"
  fi
  for name in "${PORT_NAMES[@]}"; do
    wanted=$(settings_wanted_port "$name" $offset)
    offset=$((offset + 1))
    [ -n "$wanted" ] || continue
    [[ $wanted =~ ^[0-9]+$ ]] || die "the port of $name must be a number, not '$wanted'"
    if [ -f "$STATE_DIR/ports" ] && [ "${PORTS[$name]}" != "$wanted" ]; then
      die "$STATE_DIR was made with port ${PORTS[$name]} for $name, not $wanted; unset the EMBERKEEP_CLOUD_PORT variables or run 'reset' first"
    fi
    PORTS[$name]=$wanted
  done
}

settings_save_ports() {
  local name
  for name in "${PORT_NAMES[@]}"; do echo "$name=${PORTS[$name]}"; done | write_file "$STATE_DIR/ports"
}

# url SERVICE: where it listens
url() { echo "http://127.0.0.1:${PORTS[$1]}"; }

settings_load_ports
