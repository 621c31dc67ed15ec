#!/bin/sh
# Writes a keyring for each cluster, from Secrets that hold the bare key, as those of openstack-helm, or a whole keyring:
# KEYS/CLUSTER/USER becomes KEYRINGS/CLUSTER.client.USER.keyring.
set -eu
umask 077
keys=${KEYS:-/etc/ceph/keys}
keyrings=${KEYRINGS:-/etc/ceph/keyrings}
for file in "$keys"/*/*; do
  cluster=$(basename "$(dirname "$file")")
  user=$(basename "$file")
  keyring=$keyrings/$cluster.client.$user.keyring
  if grep -q '^\[' "$file"; then
    cat "$file" >"$keyring.part"
  else
    printf '[client.%s]\n\tkey = %s\n' "$user" "$(tr -d '[:space:]' <"$file")" >"$keyring.part"
  fi
  mv "$keyring.part" "$keyring"
  echo "wrote $keyring"
done
