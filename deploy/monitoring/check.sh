#!/usr/bin/env bash
# Checks the alert rules and runs their unit tests with promtool (promtool.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
promtool=$(bash promtool.sh)
"$promtool" check rules alerts.yaml
"$promtool" test rules alerts.test.yaml alerts-days.test.yaml
