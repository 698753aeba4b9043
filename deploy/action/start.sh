#!/usr/bin/env bash
# The step of action.yml: starts a server from the action's own source, waits until it is ready, and tells the job where it
# is. The server's standard input is a sleep, and it stops when that ends: with the job, whose runner ends all processes
# that it has left, or after a while, where no runner does.
set -euo pipefail
cd "$GITHUB_ACTION_PATH"

fail() { # MESSAGE
  echo "::error title=insightly-scim::$1"
  exit 1
}

[[ $SERVER_LIFETIME =~ ^[0-9]+[smhd]$ ]] \
  || fail "The input lifetime is '$SERVER_LIFETIME', which is not accepted; expected a time such as 30m or 6h."
[ "$(node -p 'Boolean(process.features.typescript)' 2> /dev/null)" = true ] \
  || fail 'This action needs Node 24: let actions/setup-node with node-version 24 come before it.'
[ -d node_modules ] || npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error

folder=$(mktemp -d "$RUNNER_TEMP/insightly-scim-XXXXXX")
# Quotes are read as a shell reads them, but nothing is run: an input may hold what a stranger wrote.
mapfile -t args < <(xargs -r printf '%s\n' <<< "$SERVER_ARGS")
sleep "$SERVER_LIFETIME" \
  | node src/cli.ts serve --port 0 "${args[@]}" --format json --exit-with-stdin > "$folder/ready" 2> "$folder/log" &
server=$!
until [ -s "$folder/ready" ]; do
  kill -0 "$server" 2> /dev/null || fail "The server did not start. $(tail -n 1 "$folder/log")"
  sleep 0.1
done

node - "$folder" <<'PROGRAM'
const { appendFileSync, readFileSync } = require('node:fs')
const [folder] = process.argv.slice(2)
const ready = JSON.parse(readFileSync(`${folder}/ready`, 'utf8'))
for (const name of ['scimToken', 'apiKey', 'adminKey']) if (ready[name]) console.log(`::add-mask::${ready[name]}`)
const outputs = ['url', 'scimUrl', 'scimToken', 'apiUrl', 'apiKey', 'controlUrl', 'adminKey'].map(name => {
  const output = name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
  return `${output}=${ready[name] ?? ''}\n`
})
appendFileSync(process.env.GITHUB_OUTPUT, `${outputs.join('')}log=${folder}/log\n`)
console.log(`insightly-scim ${ready.version} serves SCIM at ${ready.scimUrl}.`)
PROGRAM
