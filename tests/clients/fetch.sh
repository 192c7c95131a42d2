#!/usr/bin/env bash
# Gets the real clients that the tests drive into a folder: kubectl 1.20 from Debian's package, a current kubectl, Helm 3
# and two programs of ours from Go modules, Python's and Node's client libraries, and the kubectls of a Google Cloud SDK
# if the machine has one. What cannot be had is named with the reason in missing.txt and on standard output; the tests
# that need it skip with that reason. Safe to run again.
set -uo pipefail
folder=${1:?usage: fetch.sh FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder/bin"
folder=$(cd "$folder" && pwd)
: > "$folder/missing.txt"
log=$folder/fetch.log
: > "$log"

missing() {
  echo "$1: $2" >> "$folder/missing.txt"
  echo "cannot have $1: $2"
}

have() { echo "have $1: $2"; }

# The last line of the log that says something.
reason() { grep -v '^ *$' "$log" | tail -1 | cut -c1-200; }

debian_kubectl() {
  local target=$folder/bin/kubectl-1.20
  if [ ! -x "$target" ]; then
    command -v apt-get > /dev/null || { missing kubectl-1.20 "there is no apt-get"; return; }
    local work
    work=$(mktemp -d)
    (cd "$work" && { apt-get -qq download kubernetes-client || { apt-get -qq update && apt-get -qq download kubernetes-client; }; } &&
      dpkg -x kubernetes-client_*.deb . && cp usr/bin/kubectl "$target") >> "$log" 2>&1
    rm -rf "$work"
  fi
  if [ -x "$target" ]; then have kubectl-1.20 "$("$target" version --client --short 2> /dev/null)"; else missing kubectl-1.20 "$(reason)"; fi
}

# Its kubectl asks a server for its version and runs the kubectl.1.NN beside itself that fits.
sdk_kubectls() {
  local sdk name version
  sdk=$(dirname "$(readlink -f "$(command -v gcloud || echo none/none)")")
  for name in kubectl-dispatcher kubectl-1.28 kubectl-1.33; do
    version=kubectl.${name#kubectl-}
    [ "$name" = kubectl-dispatcher ] && version=kubectl
    if [ -x "$sdk/$version" ] && [ -x "$sdk/kubectl.1.33" ]; then
      ln -sf "$sdk/$version" "$folder/bin/$name"
      have "$name" "of the Google Cloud SDK"
    else
      missing "$name" "the Google Cloud SDK on this machine has none, or there is none"
    fi
  done
}

go_programs() {
  if ! command -v go > /dev/null; then
    for name in kubectl helm clientgo faults manager operators; do missing "$name" "there is no go"; done
    return
  fi
  # kubectl reads its own version and says which it is; k8s.io/client-go v0.X.Y is Kubernetes v1.X.Y.
  local name package release
  release=$(cd "$here/go" && go list -m -f '{{.Version}}' k8s.io/client-go 2> /dev/null)
  local names="-X k8s.io/component-base/version.gitVersion=v1.${release#v0.}"
  for name in kubectl helm clientgo faults manager operators; do
    package=./$name
    [ "$name" = helm ] && package=helm.sh/helm/v3/cmd/helm
    if (cd "$here/go" && GOFLAGS=-mod=readonly CGO_ENABLED=0 go build -p 2 -ldflags="-s $names" -o "$folder/bin/$name" "$package") >> "$log" 2>&1; then
      have "$name" "$(cd "$here/go" && go list -m -f '{{.Version}}' "$([ "$name" = helm ] && echo helm.sh/helm/v3 || echo k8s.io/client-go)" 2> /dev/null)"
    else
      missing "$name" "$(reason)"
    fi
  done
}

go_example() {
  if (cd "$here/go" && GOFLAGS=-mod=readonly CGO_ENABLED=0 go test -c -o "$folder/bin/example" ../../../docs/examples/fake_apiserver_test.go) >> "$log" 2>&1; then
    have example "of docs/examples"
  else
    missing example "$(reason)"
  fi
}

python_client() {
  local python=$folder/python/bin/python
  if ! "$python" -c 'import kubernetes' > /dev/null 2>&1; then
    { python3 -m venv "$folder/python" && "$folder/python/bin/pip" install -q -r "$here/python/requirements.txt"; } >> "$log" 2>&1
  fi
  if version=$("$python" -c 'import kubernetes; print(kubernetes.__version__)' 2>> "$log"); then have python "$version"; else missing python "$(reason)"; fi
}

node_client() {
  command -v npm > /dev/null || { missing node "there is no npm"; return; }
  mkdir -p "$folder/node"
  if [ ! -d "$folder/node/node_modules/@kubernetes/client-node" ] ||
    ! cmp -s "$here/node/package-lock.json" "$folder/node/package-lock.json"; then
    cp "$here"/node/package.json "$here"/node/package-lock.json "$folder/node/"
    (cd "$folder/node" && npm ci --no-audit --no-fund --loglevel=error) >> "$log" 2>&1
  fi
  if [ -d "$folder/node/node_modules/@kubernetes/client-node" ]; then
    have node "$(node -p "require('$folder/node/node_modules/@kubernetes/client-node/package.json').version")"
  else
    missing node "$(reason)"
  fi
}

debian_kubectl
sdk_kubectls
go_programs
go_example
python_client
node_client
exit 0
