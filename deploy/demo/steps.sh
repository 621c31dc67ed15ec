# The story, one function a chapter. Every chapter ends with proofs of what it claims.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # variables of other chapters and files

ROOT_TEXT='WEB-01 IS RUNNING'
FIRST_TEXT='FIRST VERSION' SECOND_TEXT='SECOND VERSION'
FIRST_FILE='written before the first backup' SECOND_FILE='rewritten before the second backup'

# last_line INSTANCE EXPECTED: what its console ends with, once that is EXPECTED or 30 s are over; the proof tells the difference
last_line() { guest console "$1" --until "$2" | tail -n 1 || true; }

# reboot_and_look PROOF EXPECTED: power-cycles web-01 and looks at what its data volume makes it say
reboot_and_look() {
  run guest reboot web-01
  local found
  found=$(last_line web-01 "$2")
  run guest console web-01
  proof "$1" "$2" "$found"
}

# read_file PROOF EXPECTED TARGET
read_file() {
  run_to "$DEMO_STATE/out" guest cat "$3" test.txt
  proof "$1" "$2" "$(cat "$DEMO_STATE/out")"
}

# checksum IMAGE: of every byte of an RBD image
checksum() { rbd export --no-progress "$1" - | sha256sum | cut -c 1-64; }

# guest_writes OFFSET_MIB MIB: the running guest's qemu writes bytes that no compression makes smaller
guest_writes() {
  local file=$DEMO_STATE/random.bin
  head -c "${2}M" /dev/urandom >"$file"
  chmod 644 "$file"
  monitor "qemu-io -d scsi0-0-0-1 \"write -s $file ${1}M ${2}M\""
  monitor 'qemu-io -d scsi0-0-0-1 flush'
}

# monitor LINE: one line to the monitor of web-01's qemu, which answers only when something is wrong
monitor() {
  local answer
  printf '\n$ %s\n' "$(typed virsh -q qemu-monitor-command "$INSTANCE" --hmp "$1")"
  answer=$(virsh -q qemu-monitor-command "$INSTANCE" --hmp "$1" | tr -d '\r\n')
  [ -z "$answer" ] || die "qemu refused: $answer"
}

data_volume() { cloud attached web-01 | tail -n 1; }

# back_up N: leaves POINT_N, TAKEN_N, SECONDS_N and point-N.json
back_up() {
  local out=$DEMO_STATE/out
  run_to "$out" emberkeep backup web-01
  declare -g "SECONDS_$1=$(in_seconds "$RUN_MS")"
  declare -g "POINT_$1=$(field point_id "$out")" "TAKEN_$1=$(field taken_at "$out")"
  run_line "emberkeep point show $(field point_id "$out") -f json >$DEMO_STATE/point-$1.json"
  mapfile -t "SIZES_$1" < <(cloud sizes "$DEMO_STATE/point-$1.json")
}

# field NAME FILE: from a table that emberkeep printed
field() { sed -n "s/^| $1 *| \([^ ]*\) *|\$/\1/p" "$2"; }

step_instance() {
  step "A tenant's instance: a root volume and a data volume"
  run_to "$DEMO_STATE/out" guest create web-01 --text "$ROOT_TEXT" --data-text "$FIRST_TEXT" --file "test.txt=$FIRST_FILE"
  INSTANCE=$(sed 's/.*"instance": "\([^"]*\)".*/\1/' "$DEMO_STATE/out")
  mapfile -t ORIGINALS < <(cloud attached web-01)
  say ''
  say 'Its qemu writes 24 MiB to the data volume, as a program in the guest would:'
  guest_writes 700 24
  run guest console web-01
  proof 'web-01 boots, console shows its data' "data: $FIRST_TEXT" "$(last_line web-01 "data: $FIRST_TEXT")"
  read_file 'test.txt before the first backup' "$FIRST_FILE" web-01
  SUM_1=$(checksum "volumes/volume-${ORIGINALS[1]}")
}

step_full() {
  step "The first backup: everything that is not zero"
  back_up 1
}

step_change() {
  step "The instance works on"
  guest_writes 710 4
  run guest put-file web-01 data "test.txt=$SECOND_FILE" --force
  run guest set-text web-01:data "$SECOND_TEXT"
  reboot_and_look 'console after the change' "data: $SECOND_TEXT"
  read_file 'test.txt after the change' "$SECOND_FILE" web-01
  SUM_2=$(checksum "volumes/volume-${ORIGINALS[1]}")
}

step_increment() {
  step "The second backup: only what changed"
  back_up 2
  run emberkeep point list web-01
  say ''
  say 'Both side by side (seconds of the whole command, with the start and the end of its own service):'
  table 6 'point' 'disks' 'data read' 'stored' 'seconds' 'taken at' \
    "1 full" "${SIZES_1[@]}" "$SECONDS_1" "$TAKEN_1" \
    "2 increment" "${SIZES_2[@]}" "$SECONDS_2" "$TAKEN_2"
  local snapshots
  snapshots=$(cloud snapshots "${ORIGINALS[@]}")
  proof 'after two backups: snapshots a volume' '1 1' "$snapshots"
}

step_disaster() {
  step "The disaster: something in the guest overwrites the data volume"
  run guest write web-01 data 0 128M 0xee
  say ''
  say "The file system is gone:"
  local status=0
  run guest cat web-01 test.txt || status=$?
  proof 'reading test.txt fails' 'exit code 1' "exit code $status"
  reboot_and_look 'console shows no data any more' "$ROOT_TEXT"
}

RESTORES=() # their ids

bring_back() { # ARGUMENT...
  run_to "$DEMO_STATE/out" emberkeep restore "$@"
  RESTORES+=("$(field id "$DEMO_STATE/out")")
  printf '%s\n' "${RESTORES[-1]}" >>"$DEMO_STATE/restores"
}

# restored N SUM TEXT FILE: what a point must have brought back
restored() {
  reboot_and_look "point $1: console" "data: $3"
  read_file "point $1: test.txt" "$4" web-01
  proof "point $1: sha256 of the whole volume" "$2" "$(checksum "volumes/volume-$(data_volume)")"
}

step_first_point() {
  step "Back to the first point, by its time"
  bring_back web-01 --at "$TAKEN_1" --mode replace --yes
  RESTORED=$(data_volume)
  restored 1 "$SUM_1" "$FIRST_TEXT" "$FIRST_FILE"
}

step_second_point() {
  step "Forward to the second point, by its id"
  bring_back --point "$POINT_2" --mode replace --yes
  restored 2 "$SUM_2" "$SECOND_TEXT" "$SECOND_FILE"
  proof 'both replaced volumes are kept' 2 "$(cloud kept "${ORIGINALS[1]}" "$RESTORED")"
}

# root_volume: the id of web-01's, and what is on it
root_volume() { cloud attached web-01 | head -n 1; }

# root_is PROOF SUM: every byte of web-01's root disk, which is the same volume as ever
root_is() {
  proof "$1: sha256 of the root disk" "$2" "$(checksum "volumes/volume-$(root_volume)")"
  proof "$1: the same volume id" "${ORIGINALS[0]}" "$(root_volume)"
}

step_in_place() {
  step "The root disk overwritten, restored in place, undone, and restored again"
  local whole ruined
  whole=$(checksum "volumes/volume-${ORIGINALS[0]}")
  run guest write web-01 root 0 1M 0xee
  ruined=$(checksum "volumes/volume-${ORIGINALS[0]}")
  run guest reboot web-01
  say ''
  say 'Nova never detaches a root disk. It comes back under its own id, with the instance off for some seconds:'
  bring_back web-01 --mode in-place --disk /dev/sda --yes
  root_is 'in place' "$whole"
  proof 'in place: it boots again' "data: $SECOND_TEXT" "$(last_line web-01 "data: $SECOND_TEXT")"
  say ''
  say 'For seven days that can be taken back:'
  run emberkeep restore undo "${RESTORES[-1]}" --yes
  root_is 'undone' "$ruined"
  bring_back web-01 --mode in-place --disk /dev/sda --yes
  root_is 'restored again' "$whole"
  proof 'restored again: it boots' "data: $SECOND_TEXT" "$(last_line web-01 "data: $SECOND_TEXT")"
}

step_root() {
  step "The root disk as a new volume, and an instance that boots from it"
  say ''
  say 'Nova never detaches a root disk, so it comes back beside the old one:'
  bring_back web-01 --mode volume --disk /dev/sda --name web-01-root-restored
  run openstack --os-cloud devcloud-tenant --os-compute-api-version 2.37 server create --flavor m1.nano \
    --volume web-01-root-restored --network none --wait -c name -c status -c volumes_attached web-01-proof
  proof 'an instance boots from the restored root' "$ROOT_TEXT" "$(last_line web-01-proof "$ROOT_TEXT")"
  run guest console web-01-proof
}

step_by_hand() {
  step "The same without Emberkeep: nothing but cat, zstd and rbd"
  local number
  say ''
  say "The directories are the links of the data volume, as \`emberkeep point show -f json\` names them."
  for number in 1 2; do
    declare "link$number=$(cloud link "$DEMO_STATE/point-$number.json" data)"
  done
  run rbd create --size 1G backups/web-01-by-hand
  by_hand 1 "$link1" "$FIRST_FILE" "$SUM_1"
  by_hand 2 "$link2" "$SECOND_FILE" "$SUM_2"
}

by_hand() { # N LINK FILE SUM
  run_line "cat $DEMO_STATE/store/links/$2/segments/* | zstd -d | rbd import-diff --no-progress - backups/web-01-by-hand"
  read_file "by hand, point $1: test.txt" "$3" rbd:backups/web-01-by-hand
  proof "by hand, point $1: sha256 of the image" "$4" "$(checksum backups/web-01-by-hand)"
}

step_nothing_left() {
  step "What Emberkeep leaves in the cloud"
  # The root disk's is on the image that is kept for the undo.
  proof 'at the end: snapshots a volume' '0 1' "$(cloud snapshots "${ORIGINALS[@]}")"
  proof 'at the end: images kept for an undo' 1 "$(cloud undo_images "${RESTORES[@]}")"
  proof 'at the end: on the restored volume' 0 "$(cloud snapshots "$(data_volume)")"
  proof 'images that its restores left over' 0 "$(cloud strays "${RESTORES[@]}")"
  proof 'processes of it still running' 0 "$(running)"
}

# How many processes of the demo's Emberkeep there are.
running() {
  local directory count=0
  for directory in /proc/[0-9]*; do
    if tr '\0' '\n' 2>/dev/null <"$directory/environ" | grep -qxF "EMBERKEEP_STATE_DIR=$DEMO_STATE" &&
      tr '\0' ' ' 2>/dev/null <"$directory/cmdline" | grep -qE 'src/main\.ts|postgres'; then
      count=$((count + 1))
    fi
  done
  if [ -e "$DEMO_STATE/postgres/data/postmaster.pid" ] || [ -e "$DEMO_STATE/service.json" ]; then count=$((count + 1)); fi
  printf '%d' "$count"
}
