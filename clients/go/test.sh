#!/usr/bin/env bash
# The suite of the Go package, for clients/run.ts. That of Testcontainers runs a container where
# INSIGHTLY_SCIM_IMAGE names an image and Docker is there; npm run test:image follows the page with podman.
set -euo pipefail
unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || { echo "gofmt would change: $unformatted"; exit 1; }
for folder in . testcontainers; do
  (cd "$folder" && go mod tidy -diff && go vet ./... && GOOS=windows go vet ./...)
done
gotestsum() { # NAME FOLDER
  (cd "$2" && go run gotest.tools/gotestsum@v1.13.0 --format testname --junitfile "$CLIENTS_REPORT/$1.xml" -- -race -count=1 ./...)
}
status=0
gotestsum go . || status=1
gotestsum go-testcontainers testcontainers || status=1
exit $status
