# `up`: from nothing, from a stopped state, or from a cloud of which some processes died, to a cloud that works.
# Promise: when it ends with 0 every service answers and every host reports for work; what runs already is left alone.
# shellcheck shell=bash

SERVICES=(
  mon mgr osd rgw mariadb rabbitmq libvirtd keystone placement neutron glance-api
  cinder-api cinder-scheduler cinder-volume
  nova-api nova-conductor nova-scheduler nova-compute-fake nova-compute-libvirt
)

all_running() {
  local service
  for service in "${SERVICES[@]}"; do is_running "$service" || return 1; done
}

configure_everything() {
  ceph_configure
  rabbitmq_configure
  keystone_configure
  placement_configure
  glance_configure
  cinder_configure
  neutron_configure
  nova_configure
}

# Ceph and OpenStack's databases need nothing of each other, so they come up side by side.
start_everything() {
  rabbitmq_up
  ceph_prepare
  libvirt_configure
  libvirt_up
  in_background ceph ceph_up
  first_state
  keystone_up
  placement_up
  neutron_up
  libvirt_wait
  nova_up
  finish ceph
  say "ceph is up"
  rgw_up
  cinder_up
  glance_up
}

wait_for_everything() {
  local service
  wait_for RabbitMQ 60 port_answers "${PORTS[rabbitmq]}"
  for service in keystone placement glance cinder nova neutron; do
    wait_for "$service" 120 http_answers "$(url "$service")/"
  done
  say "all APIs answer"
  local seed=("$(url keystone)" "$USER_PASSWORD" "$HOST_CINDER" "$HOST_FAKE" "$HOST_LIBVIRT")
  if [ -e "$DATA_DIR/cloud-seeded" ]; then seed+=(--wait-only); fi
  python3 "$CLOUD_HOME/python/seed_cloud.py" "${seed[@]}"
  touch "$DATA_DIR/cloud-seeded"
  wait_for "every process" 10 all_running
  rgw_user
  libvirt_save_cache
}

verb_up() {
  [ "$(id -u)" = 0 ] || die "run it as root: it installs packages and gives libvirt a mount namespace of its own"
  take_lock
  mkdir -p "$LOG_DIR" "$PID_DIR" "$CONF_DIR" "$DATA_DIR" "$RUN_DIR"
  packages_install
  ports_claim "${1:-}"
  settings_save_ports
  configure_everything
  write_environment
  if all_running && [ -e "$DATA_DIR/cloud-seeded" ] && ! [ "$KEYSTONE_CONF" -nt "$PID_DIR/keystone" ]; then
    say "the cloud in $STATE_DIR is up"
    return 0
  fi
  start_everything
  wait_for_everything
  say "the cloud in $STATE_DIR is up; next: eval \"\$(npm run -s cloud -- env)\""
}
