# The network service, the only part of this cloud that is not the real thing (python/neutron_stand_in.py).
# Promise: Nova finds networks, subnets and ports there; what tests create is kept in the state directory.
# shellcheck shell=bash

neutron_up() {
  start neutron python3 "$CLOUD_HOME/python/neutron_stand_in.py" "${PORTS[neutron]}" "$DATA_DIR/neutron.json" "$(url keystone)"
}
