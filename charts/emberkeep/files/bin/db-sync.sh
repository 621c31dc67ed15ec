#!/bin/sh
# Migrates the database, and says from which version to which. `emberkeep serve` does the same before it answers.
set -eu
exec emberkeep catalog migrate
