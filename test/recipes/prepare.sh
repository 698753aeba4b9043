#!/usr/bin/env bash
# The languages of the recipes and what signs a release, where the machine lacks them. Needs root on Debian, unless all are there.
set -euo pipefail
missing=()
python3 -c 'import ensurepip' 2> /dev/null || missing+=(python3-venv)
command -v go > /dev/null || missing+=(golang-go)
command -v javac > /dev/null || missing+=(default-jdk-headless)
command -v mvn > /dev/null || missing+=(maven)
command -v gpg > /dev/null || missing+=(gnupg)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi
