#!/usr/bin/env bash
# Checks the alert rules and runs their unit tests with promtool, which comes with Prometheus.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
if ! command -v promtool >/dev/null; then
  echo 'deploy/monitoring/check.sh: there is no promtool on the PATH; it is in the package prometheus' >&2
  exit 1
fi
promtool check rules alerts.yaml
promtool test rules alerts.test.yaml
