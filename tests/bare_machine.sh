#!/usr/bin/env bash
# Proves the promise of ./run: a Debian with only Python 3.11 and pip, an ordinary user, and nothing else.
# Takes what is committed. Needs root, debootstrap and about a minute; removes the machine it made in /tmp.
set -euom pipefail  # -m: what runs in the background is a process group, ended as one
cd "$(dirname "$0")/.."

bare=$(mktemp -d /tmp/bare.XXXXXX)
chmod 755 "$bare"
home=$bare/home/shopkeeper
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
hub=""
end_hub() {
  [ -z "$hub" ] || kill -- "-$hub" 2>/dev/null || true
  [ -z "$hub" ] || wait "$hub" 2>/dev/null || true
  hub=""
}
tidy() {
  end_hub
  rm -rf --one-file-system "$bare"
}
trap tidy EXIT

fail() { printf 'bare machine: %s\n' "$1" >&2; exit 1; }

there() {  # in the bare machine, as an ordinary user, knowing only how this machine reaches the network
  local name passed=()
  for name in PIP_INDEX_URL PIP_CERT SSL_CERT_FILE http_proxy https_proxy no_proxy; do
    [ -z "${!name:-}" ] || passed+=("$name=${!name}")
  done
  chroot --userspec=1000:1000 "$bare" /usr/bin/env -i HOME=/home/shopkeeper PATH=/usr/bin:/bin PORT="$port" \
    "${passed[@]}" sh -c 'cd ~/parley && exec "$@"' sh "$@"
}

echo "Making a Debian with only Python and pip …"
debootstrap --variant=minbase --include=python3-pip bookworm "$bare" >"$bare.log" 2>&1 ||
  { tail -5 "$bare.log"; fail "debootstrap failed, see $bare.log"; }
rm -f "$bare.log"
cp /etc/resolv.conf "$bare/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$bare/etc/ssl/certs/"
mkdir -p "$home/parley"
git archive HEAD | tar --extract --directory "$home/parley"
chroot "$bare" chown -R 1000:1000 /home/shopkeeper
for tool in uv node npm make curl wget git gcc; do
  chroot "$bare" sh -c "command -v $tool" && fail "$tool is there: nothing is proven"
done
there python3 -c 'import importlib.util as u, sys; sys.exit(u.find_spec("ensurepip") is not None)' ||
  fail "ensurepip is there: nothing is proven"

touch "$bare/made"
there ./run --version
began=$(date +%s%N)
there ./run --version
echo "Second start: $((($(date +%s%N) - began) / 1000000)) ms"

there ./run demo >"$bare/demo.log" 2>&1 & hub=$!
for _ in $(seq 100); do
  there python3 -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/healthz')" 2>/dev/null && break
  kill -0 "$hub" 2>/dev/null || { cat "$bare/demo.log"; fail "the demo stopped"; }
  sleep 0.2
done
there python3 -c "import urllib.request as u; print(u.urlopen('http://127.0.0.1:$port/healthz').read().decode())" ||
  { cat "$bare/demo.log"; fail "the demo does not answer"; }
cat "$bare/demo.log"
end_hub

there ./run test --collect-only --quiet >"$bare/test.log" || { cat "$bare/test.log"; fail "the tests do not load"; }

outside=$(find "$bare" -newer "$bare/made" -not -path "$home/parley*" -not -path "$bare/*.log" -not -type d)
[ -z "$outside" ] || fail "written outside the project:
$outside"
echo "Everything works, and nothing was written outside the project."
