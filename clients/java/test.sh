#!/usr/bin/env bash
# The suite of the Java packages, for clients/run.ts, with what Maven Central asks for beside the jars. That of
# Testcontainers runs a container where INSIGHTLY_SCIM_IMAGE names an image and Docker is there; npm run test:image follows
# the page with podman. The oldest and the newest JUnit that the extension is for are tried, too.
set -euo pipefail
maven() { mvn --batch-mode --quiet -Dstyle.color=never "$@"; }
status=0
maven -Prelease -Dgpg.skip verify || status=1
for reports in */target/surefire-reports; do
  for report in "$reports"/*.xml; do cp "$report" "$CLIENTS_REPORT/${report//\//-}"; done
done
for version in 5.10.2 6.1.3; do
  maven -pl insightly-scim -Djunit.version=$version -Dtest=InsightlyExtensionTest surefire:test || status=1
done
exit $status
