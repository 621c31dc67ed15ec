# How the demo speaks: headings, commands as in a transcript, times, and proofs that end as one table.
# Promise: `run` shows exactly the command it runs, and a proof that fails makes `proofs_table` fail.
# shellcheck shell=bash
# shellcheck disable=SC2034 # variables that other files read

say() { printf '%s\n' "$*"; }

die() {
  printf 'demo: %s\n' "$*" >&2
  exit 1
}

now_ms() {
  local now=$EPOCHREALTIME
  echo $((${now%[.,]*} * 1000 + 10#${now#*[.,]} / 1000))
}

# in_seconds MILLISECONDS: 12345 becomes 12.3
in_seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

STEP_NAMES=() STEP_MS=() STEP_BEGAN=

# step TITLE: ends the step before and begins the next one
step() {
  step_end
  STEP_NAMES+=("$1") STEP_BEGAN=$(now_ms)
  printf '\n== %d. %s\n' "${#STEP_NAMES[@]}" "$1"
}

step_end() {
  [ -z "$STEP_BEGAN" ] || STEP_MS+=($(($(now_ms) - STEP_BEGAN)))
  STEP_BEGAN=
}

# words as a person would type them
typed() {
  local word line=
  for word; do
    case $word in
      *\"*) word="'$word'" ;;
      *[!a-zA-Z0-9_./:=@%+,-]* | '') word="\"$word\"" ;;
    esac
    line+="${line:+ }$word"
  done
  printf '%s' "$line"
}

RUN_MS=0 # how long the last `run` took

# run COMMAND...: shows the command and runs it
run() {
  printf '\n$ %s\n' "$(typed "$@")"
  timed "$@"
}

timed() {
  local began status=0
  began=$(now_ms)
  "$@" || status=$?
  RUN_MS=$(($(now_ms) - began))
  return "$status"
}

# run_line TEXT: the same for a line with pipes
run_line() {
  printf '\n$ %s\n' "$1"
  eval "$1"
}

# run_to FILE COMMAND...: the same, and what it prints is kept in FILE as well
run_to() {
  local file=$1
  shift
  printf '\n$ %s\n' "$(typed "$@")"
  # Not a pipe: `timed` would be a child then and its time lost.
  timed "$@" > >(tee "$file")
  wait $!
}

PROOFS=() FAILED=0

# proof NAME EXPECTED FOUND
proof() {
  local ok=yes
  [ "$2" = "$3" ] || ok=NO
  [ "$ok" = yes ] || FAILED=$((FAILED + 1))
  PROOFS+=("$1" "$2" "$3" "$ok")
  if [ "$ok" = yes ]; then say "   proved: $1"; else say "   NOT PROVED: $1: expected '$2', found '$3'"; fi
}

# short TEXT WIDTH: cut to one line of at most WIDTH characters
short() {
  local text=${1//$'\n'/ }
  if [ "${#text}" -le "$2" ]; then printf '%s' "$text"; else printf '%s...' "${text:0:$2-3}"; fi
}

# rows of COLUMNS cells as a table; the first row is the head
table() { # COLUMNS CELL...
  local columns=$1 widths=() index line rule=+
  shift
  local cells=("$@")
  for index in "${!cells[@]}"; do
    local column=$((index % columns)) length=${#cells[index]}
    [ "${widths[column]:-0}" -ge "$length" ] || widths[column]=$length
  done
  for index in "${widths[@]}"; do rule+=$(printf '%*s' $((index + 2)) '' | tr ' ' -)+; done
  printf '%s\n' "$rule"
  for ((index = 0; index < ${#cells[@]}; index += columns)); do
    line='|'
    for ((column = 0; column < columns; column++)); do
      line+=$(printf ' %-*s |' "${widths[column]}" "${cells[index + column]}")
    done
    printf '%s\n' "$line"
    [ "$index" -gt 0 ] || printf '%s\n' "$rule"
  done
  printf '%s\n' "$rule"
}

proofs_table() {
  local cells=(proof expected found ok) index
  for ((index = 0; index < ${#PROOFS[@]}; index += 4)); do
    cells+=("${PROOFS[index]}" "$(short "${PROOFS[index + 1]}" 26)" "$(short "${PROOFS[index + 2]}" 26)" "${PROOFS[index + 3]}")
  done
  table 4 "${cells[@]}"
  [ "$FAILED" = 0 ]
}

steps_table() {
  local cells=(step seconds) index total=0
  for index in "${!STEP_MS[@]}"; do
    cells+=("$((index + 1)). ${STEP_NAMES[index]}" "$(in_seconds "${STEP_MS[index]}")")
    total=$((total + STEP_MS[index]))
  done
  table 2 "${cells[@]}" "all" "$(in_seconds "$total")"
}
