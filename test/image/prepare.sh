#!/usr/bin/env bash
# Builds the Dockerfile where neither a registry of images nor a Docker engine is: with buildah, on a stand-in for its
# base, under its very name, made of Debian, this Node and this npm. Installs podman to run it, too.
# Needs root on Debian. Usage: prepare.sh <folder> <image name>
set -euo pipefail
folder=$1
image=$2
cd "$(dirname "$0")/../.."

missing=()
for tool in buildah debootstrap podman podman-compose runc; do command -v "$tool" > /dev/null || missing+=("$tool"); done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi

mkdir -p "$folder"
cat > "$folder/storage.conf" << CONF
[storage]
driver = "vfs"
graphroot = "$folder/storage"
runroot = "$folder/run"
CONF
# What a machine without systemd and with few rights can give a container.
cat > "$folder/containers.conf" << CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
CONF
export CONTAINERS_STORAGE_CONF="$folder/storage.conf" CONTAINERS_CONF="$folder/containers.conf" BUILDAH_ISOLATION=chroot

base=$(sed -n 's/^FROM \(.*\) AS build$/\1/p' Dockerfile)
version=${base#node:}
version=${version%%-*}
suite=${base##*"$version"-}
suite=${suite%-slim}
test "$(node -p process.versions.node)" = "$version" || {
  echo "The Dockerfile is based on Node $version, the tests run on $(node --version)." >&2
  exit 1
}

debootstrap --variant=minbase --include=libstdc++6,ca-certificates "$suite" "$folder/base" > "$folder/debootstrap.log" 2>&1 || {
  tail -20 "$folder/debootstrap.log" >&2
  exit 1
}
rm -rf "$folder"/base/var/cache/apt/* "$folder"/base/var/lib/apt/lists/*
npm_folder=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
install -D "$(node -p process.execPath)" "$folder/base/usr/local/bin/node"
mkdir -p "$folder/base/usr/local/lib/node_modules"
cp -r "$npm_folder" "$folder/base/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$folder/base/usr/local/bin/npm"
# Where the machine trusts more than Debian does, so does the build, whose stage is thrown away.
cp /etc/ssl/certs/ca-certificates.crt "$folder/base/etc/ssl/certs/ca-certificates.crt"

container=$(buildah from scratch)
buildah copy -q "$container" "$folder/base" / > /dev/null
buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$container"
buildah commit -q --rm "$container" "docker.io/library/$base" > /dev/null
rm -rf "$folder/base"

secret=()
if [ -f "$HOME/.npmrc" ]; then secret=(--secret "id=npmrc,src=$HOME/.npmrc"); fi
buildah bud --pull-never --format docker "${secret[@]}" -t "$image" . > "$folder/build.log" 2>&1 || {
  tail -40 "$folder/build.log" >&2
  exit 1
}
