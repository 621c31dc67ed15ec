#!/bin/sh
# What `helm test` asks: whether the configuration is right, and whether the API and all that it stands on answer.
set -eu
emberkeep config check
exec node -e '
  const look = async () => {
    const answer = await fetch(process.argv[1] + "/healthcheck", { signal: AbortSignal.timeout(10_000) });
    console.log(answer.status, await answer.text());
    return answer.ok;
  };
  look().then((ok) => process.exit(ok ? 0 : 1), (error) => {
    console.error(String(error.cause ?? error));
    process.exit(1);
  });
' "$INTERNAL_URL"
