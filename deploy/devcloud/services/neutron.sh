# Neutron's API with ML2 and Open vSwitch: real networks, ports, addresses and groups, with no switch behind them.
# Promise: configuration, schema (on an empty database) and start. Ports on the fake host are bound as on any other; the host of
# libvirt has no agent, so Neutron refuses to bind ports there and Nova does not start the instance.
# shellcheck shell=bash

NEUTRON_CONF=$CONF_DIR/neutron/neutron.conf

neutron_configure() {
  mkdir -p "$DATA_DIR/neutron/lock"
  write_file "$NEUTRON_CONF" <<CONF
[DEFAULT]
use_stderr = true
auth_strategy = keystone
bind_host = 127.0.0.1
bind_port = ${PORTS[neutron]}
api_workers = 0
rpc_workers = 1
rpc_state_report_workers = 0
transport_url = $(rabbitmq_url)
api_paste_config = /usr/share/neutron-common/api-paste.ini
state_path = $DATA_DIR/neutron
core_plugin = ml2
service_plugins =
# nobody would hear it
dhcp_agent_notification = false
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
[ml2]
type_drivers = local
tenant_network_types = local
mechanism_drivers = openvswitch
extension_drivers = port_security
[quotas]
quota_network = -1
quota_subnet = -1
quota_port = -1
quota_security_group = -1
quota_security_group_rule = -1
[database]
connection = $(database_url neutron)
$(keystone_middleware neutron)
[oslo_concurrency]
lock_path = $DATA_DIR/neutron/lock
[oslo_policy]
policy_dirs = /etc/neutron/policy.d
CONF
}

# A port is bound where an agent has reported within a minute. The one of the fake host has done so once, for ever.
neutron_create_schema() {
  neutron-db-manage --config-file "$NEUTRON_CONF" upgrade heads
  sql neutron <<SQL
insert into agents
  (id, agent_type, \`binary\`, topic, host, created_at, started_at, heartbeat_timestamp, configurations)
  values (uuid(), 'Open vSwitch agent', 'neutron-openvswitch-agent', 'N/A', '$HOST_FAKE', now(), now(), '2100-01-01', '{}');
SQL
}

# Debian starts its API under uwsgi with threads, which eventlet, that it stands on, does not bear: now and then a request fails.
# The variable keeps setproctitle from writing over the environment, which has the mark that the process is known by.
neutron_up() { start neutron env SPT_NOENV=1 neutron-server --config-file "$NEUTRON_CONF"; }
