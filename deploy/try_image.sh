#!/bin/sh
# Builds the image of the Dockerfile without Docker and without Docker Hub, runs it, and asks it how it is:
#   sudo sh deploy/try_image.sh      (Debian: apt-get install buildah debootstrap)
# Where the base image cannot be pulled, a Debian of the same release with its own Python stands in for it; PYTHON_IMAGE
# names another one. MIRROR is where Debian's packages come from; it and pip's settings go along into the build alone.
set -eu
cd "$(dirname "$0")/.."
base=$(sed -n 's/^FROM \(\S*\)$/\1/p' deploy/Dockerfile | head -1)
folder=$(mktemp -d)
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
buildah() { command buildah --root "$folder/root" --runroot "$folder/run" "$@"; }
container="" ; app=""
finish() {
  [ -z "$app" ] || { kill -- "-$app" 2>/dev/null; wait "$app" 2>/dev/null; } || true
  [ -z "$container" ] || buildah rm "$container" >/dev/null 2>&1 || true
  rm -rf "$folder" 2>/dev/null || { sleep 2; rm -rf "$folder"; } || true  # what it mounted is let go a moment later
}
trap finish EXIT INT TERM

if ! buildah pull --quiet "${PYTHON_IMAGE:-docker.io/library/$base}" >"$folder/pulled" 2>&1; then
  echo "$base cannot be pulled here: Debian's own Python stands in for it"
  debootstrap --variant=minbase --include=ca-certificates,python3-pip,python3-venv "${base##*-}" "$folder/tree" ${MIRROR:-} >"$folder/said" || { tail -5 "$folder/said"; exit 1; }
  rm -f "$folder/tree"/usr/lib/python3*/EXTERNALLY-MANAGED
  ln -s python3 "$folder/tree/usr/bin/python"
  for file in /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do [ ! -e "$file" ] || cp "$file" "$folder/tree$file"; done
  bare=$(buildah from scratch)
  buildah copy --quiet "$bare" "$folder/tree" / >/dev/null
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$bare"
  buildah commit --quiet "$bare" "docker.io/library/$base" >/dev/null
  rm -rf "$folder/tree"
fi
buildah build --pull=never --network host --file deploy/Dockerfile --ignorefile .dockerignore --tag roialign-lab . >"$folder/built" 2>&1 || { tail -20 "$folder/built"; exit 1; }
buildah images --format '{{.Name}} {{.Size}}' | grep roialign-lab
container=$(buildah from --pull=never roialign-lab)
setsid buildah --root "$folder/root" --runroot "$folder/run" run --network host "$container" -- roialign-lab run --address 127.0.0.1 --port "${PORT:-8599}" >"$folder/ran" 2>&1 &
app=$!
for _ in $(seq 120); do
  if buildah run --network host "$container" -- python -c "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:${PORT:-8599}/_stcore/health', timeout=2).read().decode())" 2>/dev/null; then
    buildah run "$container" -- sh -c 'echo "as $(whoami), $(python --version), $(python -c "import onnxruntime, redis; print(\"onnxruntime\", onnxruntime.__version__)")"'
    exit 0
  fi
  kill -0 "$app" 2>/dev/null || break
  sleep 1
done
cat "$folder/ran"
exit 1
