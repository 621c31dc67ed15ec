#!/bin/sh
# Makes user, roles, service and endpoints in Keystone, as the administrator of OS_*. What is there is kept.
set -eu
set -- --user "$SERVICE_OS_USERNAME" --project "$SERVICE_OS_PROJECT_NAME" --domain "$SERVICE_OS_USER_DOMAIN_NAME" \
  --region "$SERVICE_OS_REGION_NAME" --role "$SERVICE_ROLE" --password-file "${SERVICE_PASSWORD_FILE:-/etc/emberkeep-secrets/service-user/password}" \
  --public-url "$PUBLIC_URL" --internal-url "$INTERNAL_URL"
for domain in $PROTECT_DOMAINS; do set -- "$@" --protect-domain "$domain"; done
exec emberkeep keystone bootstrap "$@"
