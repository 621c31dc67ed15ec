#!/usr/bin/env bash
# Builds deploy/Containerfile where no image registry is reached: `build-local.sh --help`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  cat <<'TEXT'
usage: bash deploy/image/build-local.sh [--tag NAME] [--base NAME] [--fresh]

Builds Emberkeep's image with podman, on Debian 12, as root, from a clone of the repository, and tells its size part by part.
Its base is made here, from Debian's packages and the npm packages `node` and `npm`, in the place of
docker.io/library/node:24-bookworm-slim.

  --tag NAME    name of the image (localhost/emberkeep:VERSION)
  --base NAME   take this base, such as the public one, and make none
  --fresh       make the base anew; else the one that an earlier run left is taken

Installs the Debian packages that it needs. Leaves two images, nothing else; `podman rmi` removes them.
TEXT
}

say() { printf 'build-local: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
stand_in=localhost/emberkeep-base:node24-bookworm
tag=localhost/emberkeep:$version base='' fresh=''
while (($#)); do
  case $1 in
    --tag | --base)
      [[ -n ${2:-} ]] || die "$1 needs a name; see --help"
      declare "${1#--}=$2"
      shift 2
      ;;
    --fresh)
      fresh=yes
      shift
      ;;
    -h | --help)
      usage
      exit
      ;;
    *) die "there is no option '$1'; see --help" ;;
  esac
done
((EUID == 0)) || die 'run it as root: it makes a root file system'

work=$(mktemp -d /var/tmp/emberkeep-image.XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT

install_packages() {
  local missing=() package
  for package in podman runc crun mmdebstrap debian-archive-keyring; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  local apt=(apt-get -y -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
  { DEBIAN_FRONTEND=noninteractive "${apt[@]}" install --no-install-recommends "${missing[@]}" ||
    { "${apt[@]}" update && DEBIAN_FRONTEND=noninteractive "${apt[@]}" install --no-install-recommends "${missing[@]}"; }; } \
    >"$work/apt.log" 2>&1 || {
    cat "$work/apt.log" >&2
    die "installing ${missing[*]} failed, see above"
  }
}

# As the public base: Debian without documentation, Node and npm in /usr/local.
make_base() {
  local root=$work/base suite=bookworm part options=()
  for part in doc man info locale; do options+=(--dpkgopt="path-exclude=/usr/share/$part/*"); done
  say "making $stand_in from Debian's packages"
  # Without a mirror it takes Debian's own, with updates and security.
  mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io "${options[@]}" "$suite" "$root" >&2 ||
    die 'mmdebstrap could not make a Debian, see above'
  rm -rf "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,info,locale}/*
  install -m 0755 node_modules/node/bin/node "$root/usr/local/bin/node"
  # Next to npm itself nothing is installed, so that this Node runs it whatever Node the machine has.
  npm install --global --silent --prefix "$root/usr/local" npm@11 >&2 || die 'npm could not be installed into the base, see above'
  tar -C "$root" -c . | podman import --quiet --change 'CMD ["node"]' - "$stand_in" >/dev/null
  rm -rf --one-file-system "$root"
}

# What npm needs on this machine, its certificates and its cache, is mounted while the image is built, over folders that are empty in
# it, and so stays out of it.
npm_settings() {
  local ca
  mkdir "$work/etc"
  cache=$(npm config get cache)
  mkdir -p "$cache"
  printf 'cache=/mnt\nprefer-offline=true\n' >"$work/etc/npmrc"
  ca=$(npm config get cafile)
  [[ $ca != null ]] || ca=${NODE_EXTRA_CA_CERTS:-}
  [[ -n $ca ]] || return 0
  cp "$ca" "$work/etc/ca.crt"
  echo 'cafile=/usr/local/etc/ca.crt' >>"$work/etc/npmrc"
}

build() {
  say "building $tag on $base"
  # Docker's format, since OCI's has no health check; chroot, since it needs no rights that a sandbox may not have.
  podman build --quiet --format docker --isolation chroot --network host --layers=false --no-cache \
    --volume "$work/etc:/usr/local/etc:ro" --volume "$cache:/mnt" --file deploy/Containerfile --tag "$tag" \
    --build-arg BASE="$base" --build-arg VERSION="$version" \
    --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" . >"$work/build.log" 2>&1 || {
    tail -n 60 "$work/build.log" >&2
    die 'the build failed, see above'
  }
}

report() {
  local root
  root=$(podman image mount "$tag")
  printf '\n%s\n' "$tag"
  printf '%7s MB  whole image\n' "$(du -sm --one-file-system "$root" | cut -f1)"
  (cd "$root" && du -sm opt/emberkeep/dist opt/emberkeep/node_modules usr/local/bin/node usr/local/lib/node_modules |
    while read -r megabytes path; do printf '%7s MB  /%s\n' "$megabytes" "$path"; done)
  echo 'largest of the npm packages:'
  (cd "$root/opt/emberkeep/node_modules" && du -sm -- @*/* [!@]* | sort -rn | head -n 6 |
    while read -r megabytes path; do printf '%7s MB  %s\n' "$megabytes" "$path"; done)
  echo "largest of Debian's packages, as dpkg knows them:"
  dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${Installed-Size} ${Package}\n' | sort -rn | head -n 12 |
    while read -r kib package; do printf '%7s MB  %s\n' "$((kib / 1024))" "$package"; done
  podman image unmount "$tag" >/dev/null
}

install_packages
bash deploy/ensure-node-modules.sh
bash deploy/image/containers-conf.sh >"$work/containers.conf"
export CONTAINERS_CONF=$work/containers.conf
if [[ -z $base ]]; then
  base=$stand_in
  if [[ -n $fresh ]] || ! podman image exists "$base"; then make_base; fi
fi
npm_settings
build
report
