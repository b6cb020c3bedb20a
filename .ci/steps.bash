# The steps of .ci/run. Each is a function that fails when something is wrong.

step() {
    local name=$1 began=$SECONDS
    shift
    if [ -n "$ONLY" ] && ! [[ " $ONLY " == *" $name "* ]]; then
        return 0
    fi
    echo "=== $name"
    # Not in a condition: `set -e` must hold inside the step.
    "$@"
    echo "=== $name: $((SECONDS - began)) s"
}

# rustfmt prints differences to stdout; the list of files is enough.
check_format() { cargo fmt --all -- --check --color never; }

# The golden cases are committed; where the shared originals are at hand, they must be the same.
compare_cases() {
    local shared=${LSSC_SHARED_CASES:-../shared/cases}
    if [ -d "$shared" ]; then
        for file in "$shared"/*.json; do
            cmp "$file" "domain/tests/cases/$(basename "$file")"
        done
        echo "the golden cases equal the shared ones"
    else
        echo "there is no $shared: the golden cases are compared with nothing"
    fi
}

# Private items too: these documents are for those who build on the house.
check_docs() {
    RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --locked --workspace --no-deps --document-private-items
}

python_tools() {
    if ! [ -x "$PYTHON/schemathesis" ]; then
        rm -rf "$CACHE/py-1"
        python3 -m venv "$CACHE/py-1"
        "$PYTHON/pip" install --quiet --disable-pip-version-check \
            schemathesis==4.32.5 openapi-spec-validator==0.9.0 pyyaml
    fi
}

check_compose() {
    python_tools
    "$PYTHON/python" - <<'PYTHON'
import yaml
services = yaml.safe_load(open("docker-compose.yml"))["services"]
assert "profiles" not in services["api"] and services["postgres"]["profiles"] == ["postgres"]
print("docker-compose.yml is YAML; services:", ", ".join(services))
PYTHON
    echo "Dockerfile and docker-compose.yml are not built here"
}

check_licences() {
    local deny=$CACHE/tools/bin/cargo-deny
    if ! [ -x "$deny" ]; then
        deny=$(command -v cargo-deny || true)
    fi
    if [ -z "$deny" ]; then
        if [ "$SKIP_INSTALL" = 1 ]; then
            echo "NOT CHECKED: licences, bans and sources: cargo-deny is not here and LSSC_CI_SKIP_INSTALL is set"
            return 0
        fi
        CARGO_TARGET_DIR=$CACHE/deny-target cargo install --quiet --locked cargo-deny --version 0.20.2 \
            --root "$CACHE/tools"
        rm -rf "$CACHE/deny-target"
        deny=$CACHE/tools/bin/cargo-deny
    fi
    "$deny" check --hide-inclusion-graph licenses bans sources
}

# The tests start a private cluster from the server's binaries.
find_postgres() {
    if [ -n "${LSSC_TEST_DATABASE_URL:-}" ] || command -v initdb >/dev/null ||
        compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
        echo "PostgreSQL is here"
    elif command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
    else
        echo "there is no PostgreSQL server and no way to install one" >&2
        return 1
    fi
}

run_tests() { LSSC_REQUIRE_POSTGRES=1 cargo test --locked --workspace; }

lssc() { "$CARGO_TARGET_DIR/release/lssc" "$@"; }

check_document() {
    lssc openapi >"$WORK/openapi.json"
    # The same document, however it is indented.
    if ! diff <(python3 -m json.tool openapi/openapi.json) <(python3 -m json.tool "$WORK/openapi.json"); then
        echo "openapi/openapi.json is not what the code says" >&2
        return 1
    fi
    python_tools
    "$PYTHON/openapi-spec-validator" openapi/openapi.json
}

lint_document() {
    if ! command -v npm >/dev/null; then
        echo "NOT CHECKED: the linters of the document need node, which is not here"
        return 0
    fi
    if ! [ -x "$NODE/spectral" ]; then
        mkdir -p "$CACHE/node-1"
        (cd "$CACHE/node-1" && npm install --silent --no-audit --no-fund --ignore-scripts \
            @redocly/cli@2.77.0 @stoplight/spectral-cli@6.16.3)
    fi
    "$NODE/redocly" lint --config .ci/redocly.yaml openapi/openapi.json
    "$NODE/spectral" lint --ruleset .ci/spectral.yaml --fail-severity warn openapi/openapi.json
}

# Starts the demo on a free port in a directory of its own; sets BASE.
start_server() {
    stop_server
    rm -rf "$WORK/demo"
    : >"$WORK/out"
    LSSC_RATE_LIMIT=off cargo run --locked --release -- serve --demo --bind 127.0.0.1:0 \
        --data-dir "$WORK/demo" >"$WORK/out" 2>"$WORK/err" &
    SERVER=$!
    local _
    for _ in $(seq 120); do
        if grep -q '^Swagger UI: ' "$WORK/out"; then
            BASE=$(sed -n 's|^Swagger UI: \(http://[^/]*\)/.*|\1|p' "$WORK/out")
            export BASE
            return 0
        fi
        kill -0 "$SERVER" 2>/dev/null || break
        sleep 0.5
    done
    cat "$WORK/out" "$WORK/err" >&2
    echo "the server did not start" >&2
    return 1
}

stop_server() {
    if [ -n "$SERVER" ]; then
        kill -TERM "$SERVER" 2>/dev/null || true
        wait "$SERVER" 2>/dev/null || true
        SERVER=
    fi
}

# The token that the demo printed for an address.
token_of() { awk -v who="<$1>" 'index($0, who) { getline; print $1; exit }' "$WORK/out"; }

drive_demo() {
    start_server
    curl -fsS "$BASE/livez" "$BASE/readyz"
    echo
    curl -fsS "$BASE/swagger-ui/" | grep -i swagger >/dev/null
    if ! cmp <(curl -fsS "$BASE/openapi.json" | python3 -m json.tool) <(python3 -m json.tool openapi/openapi.json); then
        echo "the served document is not the committed one" >&2
        return 1
    fi
    curl -fsS "$BASE/v1/events?limit=1" -H "Authorization: Bearer $(token_of sam@demo.example)" | grep '"position":1,' >/dev/null
    local case expected
    case=$(python3 -c 'import json; print(json.dumps(json.load(open("domain/tests/cases/certification-status.json"))[0]["request"]))')
    expected=$(python3 -c 'import json; print(json.load(open("domain/tests/cases/certification-status.json"))[0]["expected"]["status"])')
    curl -fsS "$BASE/v1/evaluations/certification-status" -H "Content-Type: application/json" --data "$case" |
        grep "\"status\":\"$expected\""
    [ "$(curl -s -o /dev/null -w '%{http_code}' "$BASE/v1/people")" = 401 ]
    stop_server
    lssc verify --data-dir "$WORK/demo"
}

run_walkthrough() {
    start_server
    MAILS=$WORK/demo/mail .ci/walkthrough
    stop_server
    lssc verify --data-dir "$WORK/demo"
}

# The sample partner, as its page says.
run_partner() {
    start_server
    python3 docs/partner/partner.py
    stop_server
    lssc verify --data-dir "$WORK/demo"
}

# Calendars are read by two parsers that know nothing of each other, and of us: they must tell the same days.
check_calendars() {
    python_tools
    "$PYTHON/python" -c 'import icalendar' 2>/dev/null ||
        "$PYTHON/pip" install --quiet --disable-pip-version-check icalendar==7.3.0
    start_server
    local cleo=person_019b76daafef7115b70541d0faeeee9a token=lssc_cal_dGhlLWNhbGVuZGFyLW9mLXRoZS1zYW5kYm94LWRlbW8
    curl -fsS "$BASE/v1/people/$cleo/deadlines.ics?token=$token" >"$WORK/deadlines.ics"
    curl -fsS "$BASE/v1/offerings.ics" >"$WORK/offerings.ics"
    stop_server
    local name kind
    for name in deadlines offerings; do
        "$PYTHON/python" .ci/read_calendar.py "$WORK/$name.ics" >"$WORK/$name.icalendar"
        [ -s "$WORK/$name.icalendar" ] || { echo "the calendar $name is empty" >&2; return 1; }
    done
    for kind in candidacy_deadline renewal_opens expiry grace_ends account_ends; do
        grep -q -- "-$kind@deadlines.lssc|" "$WORK/deadlines.icalendar" || { echo "no $kind" >&2; return 1; }
    done
    if ! command -v npm >/dev/null; then
        echo "NOT CHECKED: the second parser of calendars needs node, which is not here"
        return 0
    fi
    if ! [ -d "$CACHE/ical-1/node_modules/ical.js" ]; then
        mkdir -p "$CACHE/ical-1"
        (cd "$CACHE/ical-1" && npm install --silent --no-audit --no-fund --ignore-scripts ical.js@2.2.1)
    fi
    for name in deadlines offerings; do
        node .ci/read_calendar.mjs "$CACHE/ical-1" "$WORK/$name.ics" >"$WORK/$name.ical.js"
        diff "$WORK/$name.icalendar" "$WORK/$name.ical.js"
        echo "two parsers read $(wc -l <"$WORK/$name.ical.js") events of $name alike"
    done
}

# What is sent is checked by two libraries of the standard that know nothing of us, as a partner would check it.
check_webhooks() {
    python_tools
    "$PYTHON/python" -c 'import standardwebhooks, cloudevents' 2>/dev/null ||
        "$PYTHON/pip" install --quiet --disable-pip-version-check standardwebhooks==1.1.0 cloudevents==2.2.0
    start_server
    TOKEN=$(token_of client_019b76daa80070008000000000000001) "$PYTHON/python" .ci/check_webhooks "$WORK/webhooks.json"
    stop_server
    if ! command -v npm >/dev/null; then
        echo "NOT CHECKED: the second library of webhooks needs node, which is not here"
        return 0
    fi
    if ! [ -d "$CACHE/webhooks-1/node_modules/standardwebhooks" ]; then
        mkdir -p "$CACHE/webhooks-1"
        (cd "$CACHE/webhooks-1" && npm install --silent --no-audit --no-fund --ignore-scripts standardwebhooks@1.1.1)
    fi
    node .ci/check_webhooks.mjs "$CACHE/webhooks-1" "$WORK/webhooks.json"
}

# Two testers of SCIM that know nothing of each other, as the demo's partner. The first one's Groups and the second
# one's warnings are no faults: what is not offered is not tested.
check_scim() {
    python_tools
    "$PYTHON/python" -c 'import scim2_tester, scim_sanity, httpx2' 2>/dev/null ||
        "$PYTHON/pip" install --quiet --disable-pip-version-check scim2-cli==0.6.0 scim2-client==0.13.2 scim2-models==0.12.3 httpx2==2.16.2 \
            scim2-tester==0.5.2 scim-sanity==0.7.4
    start_server
    local token
    token=$(token_of client_019b76daa80070008000000000000001)
    "$PYTHON/python" .ci/check_scim.py "$BASE/scim/v2" "$token"
    "$PYTHON/scim-sanity" probe "$BASE/scim/v2" --token "$token" --i-accept-side-effects >"$WORK/sanity" 2>&1 || {
        tail -n 60 "$WORK/sanity" >&2
        return 1
    }
    tail -n 5 "$WORK/sanity"
    stop_server
    lssc verify --data-dir "$WORK/demo"
}

# As nobody, over everything; then as an admin, who must not sign out on the way.
run_schemathesis() {
    python_tools
    start_server
    local report=$WORK/schemathesis config=$PWD/.ci/schemathesis.toml hooks=$PWD/.ci/schemathesis_hooks.py
    for as in nobody admin; do
        local who=()
        if [ "$as" = admin ]; then
            who=(-H "Authorization: Bearer $(token_of amy@demo.example)" --exclude-operation-id sign_out)
        fi
        echo "--- as $as"
        # In the temp directory: it leaves files where it runs.
        if ! (cd "$WORK" && SCHEMATHESIS_HOOKS=$hooks "$PYTHON/schemathesis" --config-file "$config" run "$BASE/openapi.json" \
            --url "$BASE" "${who[@]}" >"$report" 2>&1); then
            sed '/= WARNINGS =/,/= SUMMARY =/d' "$report" | tail -n 400 >&2
            return 1
        fi
        tail -n 25 "$report"
    done
    if grep -E ' ERROR |panicked' "$WORK/err"; then
        echo "the server logged faults" >&2
        return 1
    fi
    stop_server
    lssc verify --data-dir "$WORK/demo"
}
