# RabbitMQ: the message bus of Cinder and Nova.
# Promise: `rabbitmq_up` starts a broker that keeps its cookie, its port mapper (epmd) and its state to itself, so that it
# disturbs no other RabbitMQ of the machine. It takes five seconds to listen: start it early, wait for it late.
# shellcheck shell=bash

rabbitmq_url() { echo "rabbit://guest:guest@127.0.0.1:${PORTS[rabbitmq]}/"; }

rabbitmq_configure() {
  mkdir -p "$DATA_DIR/rabbitmq"
  write_file "$CONF_DIR/rabbitmq/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:${PORTS[rabbitmq]}
loopback_users = none
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
CONF
  echo '[].' | write_file "$CONF_DIR/rabbitmq/enabled_plugins"
  write_file "$CONF_DIR/rabbitmq/env.conf" </dev/null
}

rabbitmq_up() {
  local erlang="-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
  start rabbitmq env HOME="$DATA_DIR/rabbitmq" \
    RABBITMQ_NODENAME=devcloud@localhost \
    RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="${PORTS[rabbitmq]}" RABBITMQ_DIST_PORT="${PORTS[rabbitmq_dist]}" \
    RABBITMQ_MNESIA_BASE="$DATA_DIR/rabbitmq" RABBITMQ_PID_FILE="$DATA_DIR/rabbitmq/pid" \
    RABBITMQ_LOG_BASE="$LOG_DIR" RABBITMQ_LOGS=- \
    RABBITMQ_CONFIG_FILE="$CONF_DIR/rabbitmq/rabbitmq" RABBITMQ_CONF_ENV_FILE="$CONF_DIR/rabbitmq/env.conf" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$CONF_DIR/rabbitmq/enabled_plugins" \
    ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="${PORTS[epmd]}" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="$erlang" \
    /usr/lib/rabbitmq/bin/rabbitmq-server # not the one in /usr/sbin: it changes the user
}
