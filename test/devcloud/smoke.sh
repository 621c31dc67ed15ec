#!/usr/bin/env bash
# Tries what the other tests take for granted: that the development cloud in EMBERKEEP_CLOUD_STATE (default .devcloud) is
# up, that a guest boots from its volumes, and that its console and its files show what the volumes hold.
# Needs a cloud that is up; makes one guest and removes it again. Ends with 0 when all of it holds.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
guest=smoke-$$

cloud() { bash deploy/devcloud/cloud.sh "$@"; }

check() {
  local what=$1 wanted=$2 got=$3
  if [[ $got != *"$wanted"* ]]; then
    echo "FAILED: $what: wanted '$wanted', got '$got'" >&2
    exit 1
  fi
  echo "ok: $what"
}

fails() {
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "FAILED: $what succeeded" >&2
    exit 1
  fi
  echo "ok: $what is refused"
}

# console TEXT: waits until the guest has printed it
console() {
  local output=
  for _ in $(seq 30); do
    output=$(cloud guest console "$guest")
    [[ $output != *"$1"* ]] || break
    sleep 0.5
  done
  echo "$output"
}

trap 'cloud guest delete "$guest" >/dev/null 2>&1 || true' EXIT

cloud status >/dev/null || { echo "FAILED: the cloud is not up (npm run cloud -- status)" >&2; exit 1; }
check 'an unknown verb names the known ones' 'unknown verb' "$(cloud nonsense 2>&1 || true)"
ids=$(cloud guest create "$guest" --text 'SMOKE ROOT' --data-text 'GENERATION 1' --file test.txt=precious 2>/dev/null)
check 'a guest boots' '"instance"' "$ids"
check 'its console shows the root volume' 'SMOKE ROOT' "$(console 'SMOKE ROOT')"
check 'its console shows the data volume' 'data: GENERATION 1' "$(console 'data: GENERATION 1')"
check 'its file can be read' precious "$(cloud guest cat "$guest" test.txt)"
fails 'changing a file under a running guest' cloud guest put-file "$guest" data test.txt=changed
cloud guest put-file "$guest" data test.txt=changed --force
check 'its file can be changed' changed "$(cloud guest cat "$guest" test.txt)"
cloud guest write "$guest" data 700M 64K 0x5a
check 'what the guest writes arrives' ZZZZZZZZ "$(cloud guest read "$guest" 700M 8)"
fails 'a write beyond the end' cloud guest write "$guest" data 2G 64K 0x5a
cloud guest set-text "$guest:data" 'GENERATION 2'
cloud guest reboot "$guest"
check 'a reboot shows the new contents' 'data: GENERATION 2' "$(console 'data: GENERATION 2')"
cloud guest delete "$guest"
fails 'the console of a deleted guest' cloud guest console "$guest"
