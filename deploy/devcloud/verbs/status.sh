# `status`: one line a service.
# Promise: reads only; exit code 0 when all run, 3 when one does not.
# shellcheck shell=bash

. "$CLOUD_HOME/verbs/up.sh"

declare -gA SERVICE_PORTS=(
  [mon]=mon_v2 [rgw]=rgw [rabbitmq]=rabbitmq [neutron]=neutron [keystone]=keystone [placement]=placement
  [glance-api]=glance [cinder-api]=cinder [nova-api]=nova
)

verb_status() {
  local service state port code=0 format='%-21s %-8s %-5s %s\n'
  # shellcheck disable=SC2059
  printf "$format" SERVICE PID STATE PORT
  for service in "${SERVICES[@]}"; do
    port=${SERVICE_PORTS[$service]:-}
    state=up
    is_running "$service" || { state=down; code=3; }
    # shellcheck disable=SC2059
    printf "$format" "$service" "$([ $state = up ] && recorded_pid "$service" || echo -)" "$state" "${port:+${PORTS[$port]}}"
  done
  echo "state: $STATE_DIR"
  return $code
}
