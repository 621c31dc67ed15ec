# Nova: API, conductor, scheduler and two computes, one with the fake driver (host devcloud-fake, zone `fake`) and one
# with libvirt and qemu (host devcloud-libvirt, zone `libvirt`, the default).
# Promise: configuration, schema (on empty databases) and start; hosts join their cell by themselves within a second.
# shellcheck shell=bash

NOVA_CONF=$CONF_DIR/nova/nova.conf

# nova_common HOST DRIVER STATE: what every Nova process reads
nova_common() {
  cat <<CONF
[DEFAULT]
use_stderr = true
transport_url = $(rabbitmq_url)
host = $1
my_ip = 127.0.0.1
compute_driver = $2
state_path = $3
enabled_apis = osapi_compute
osapi_compute_listen = 127.0.0.1
osapi_compute_listen_port = ${PORTS[nova]}
osapi_compute_workers = 1
default_schedule_zone = libvirt
periodic_fuzzy_delay = 0
report_interval = 3
service_down_time = 30
reserved_host_memory_mb = 0
ram_allocation_ratio = 16
cpu_allocation_ratio = 64
disk_allocation_ratio = 64
block_device_allocate_retries = 120
block_device_allocate_retries_interval = 1
# the guests have no system that could be asked to shut down
shutdown_timeout = 2
# Neutron sends no events: there is no agent that plugs anything
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
[api]
auth_strategy = keystone
[wsgi]
api_paste_config = /etc/nova/api-paste.ini
[quota]
driver = nova.quota.NoopQuotaDriver
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 1
[vnc]
enabled = false
[spice]
enabled = false
[key_manager]
backend = nova.keymgr.conf_key_mgr.ConfKeyManager
fixed_key = $VOLUME_KEY
$(keystone_middleware nova)
[service_user]
send_service_user_token = true
$(keystone_credentials nova)
[placement]
$(keystone_credentials placement)
[cinder]
os_region_name = RegionOne
catalog_info = volumev3:cinderv3:internalURL
$(keystone_credentials cinder)
[glance]
region_name = RegionOne
[neutron]
endpoint_override = $(url neutron)
$(keystone_credentials nova)
[oslo_concurrency]
lock_path = $DATA_DIR/nova/lock
[oslo_policy]
policy_dirs = /etc/nova/policy.d
[oslo_messaging_notifications]
driver = noop
CONF
}

nova_libvirt() {
  cat <<CONF
[libvirt]
virt_type = qemu
cpu_mode = none
connection_uri = $LIBVIRT_URI
images_type = rbd
images_rbd_pool = vms
images_rbd_ceph_conf = $CEPH_CONF_FILE
rbd_user = admin
rbd_secret_uuid = $LIBVIRT_SECRET_UUID
inject_partition = -2
# A guest without an operating system never lets go of a virtio disk; by default Nova asks for 160 s.
device_detach_attempts = 3
device_detach_timeout = 5
hw_machine_type = x86_64=pc
$(privsep "$CONF_DIR/nova/nova-compute-libvirt.conf" nova_sys_admin privsep_osbrick)
CONF
}

# A compute must not see the databases: Nova logs tracebacks when it does.
nova_configure() {
  mkdir -p "$DATA_DIR"/nova/{lock,fake/instances,libvirt/instances}
  {
    nova_common "$HOST_FAKE" fake.FakeDriver "$DATA_DIR/nova/fake"
    echo '[api_database]'
    echo "connection = $(database_url nova_api)"
    echo '[database]'
    echo "connection = $(database_url nova)"
  } | write_file "$NOVA_CONF"
  nova_common "$HOST_FAKE" fake.FakeDriver "$DATA_DIR/nova/fake" | write_file "$CONF_DIR/nova/nova-compute-fake.conf"
  {
    nova_common "$HOST_LIBVIRT" libvirt.LibvirtDriver "$DATA_DIR/nova/libvirt"
    nova_libvirt
  } | write_file "$CONF_DIR/nova/nova-compute-libvirt.conf"
}

nova_create_schema() {
  python3 "$CLOUD_HOME/python/run_commands.py" nova-manage "$NOVA_CONF" \
    -- api_db sync \
    -- cell_v2 map_cell0 --database_connection "$(database_url nova_cell0)" \
    -- db sync \
    -- cell_v2 create_cell --name cell1
}

nova_up() {
  fork_services nova nova-conductor="$NOVA_CONF" nova-scheduler="$NOVA_CONF" nova-api="$NOVA_CONF" \
    nova-compute-fake="$CONF_DIR/nova/nova-compute-fake.conf" \
    nova-compute-libvirt="$CONF_DIR/nova/nova-compute-libvirt.conf"
}
