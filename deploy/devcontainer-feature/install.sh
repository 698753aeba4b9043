#!/bin/sh
# Installs the command for everyone in the container: from a packed file that lies here, or else from npm.
set -eu
cd "$(dirname "$0")"

fail() { # MESSAGE
  echo "insightly-scim: $1" >&2
  exit 1
}

command -v npm > /dev/null \
  || fail 'This feature needs Node 24 with npm: use an image that has it, or the feature ghcr.io/devcontainers/features/node.'
package=$(find . -maxdepth 1 -name 'insightly-scim-*.tgz' | head -n 1)
npm install --global --no-audit --no-fund "${package:-insightly-scim@${VERSION:-latest}}" \
  || fail 'npm could not install it; is the version on npm, or a packed file beside install.sh?'
insightly-scim --version > /dev/null || fail 'It does not run here; see the line above.'
