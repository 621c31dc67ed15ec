# Placement: counts what Nova's hosts have left.
# Promise: configuration, schema (repeatable) and start.
# shellcheck shell=bash

PLACEMENT_CONF=$CONF_DIR/placement/placement.conf

placement_configure() {
  write_file "$PLACEMENT_CONF" <<CONF
[DEFAULT]
use_stderr = true
[api]
auth_strategy = keystone
[placement_database]
connection = $(database_url placement)
$(keystone_middleware placement)
[oslo_policy]
policy_dirs = /etc/placement/policy.d
CONF
}

placement_create_schema() { placement-manage --config-file "$PLACEMENT_CONF" db sync; }

placement_up() {
  wsgi_service placement "${PORTS[placement]}" /usr/bin/placement-api "OS_PLACEMENT_CONFIG_DIR=$CONF_DIR/placement"
}
