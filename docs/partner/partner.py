#!/usr/bin/env python3
"""A partner system in one file: accounts in sync with LSSC, without losing a thing.

    lssc serve --demo                       # in one terminal
    python3 docs/partner/partner.py         # in another one

It takes the way of a partner from its credentials to a reconciliation that finds no difference, against the demo.
Python 3.9 and its standard library are enough. BASE says where the server is, when it is not http://127.0.0.1:8080.
Every step says what it does and stops with what the server said when something is not as a partner needs it.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

BASE = os.environ.get("BASE", "http://127.0.0.1:8080").rstrip("/")
ADMIN = ("amy@demo.example", "sandbox-password-for-all")
SCOPES = [
    "accounts:read", "accounts:write", "changes:read", "people:read", "webhooks:write", "reconciliations:write",
]


def ask(method, path, token=None, body=None, headers=None):
    """One request; its status, headers and body. A refusal is an answer like any other."""
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if method == "POST":
        headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        headers["Content-Type"] = "application/json"
    if isinstance(body, str):
        body = body.encode()
    request = urllib.request.Request(BASE + path, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read()


def call(method, path, token=None, body=None, expected=(200, 201, 202, 204), headers=None):
    """One request that must be answered as expected; the body of the answer."""
    status, _, answer = ask(method, path, token, body, headers)
    if status not in expected:
        sys.exit(f"{method} {path} was answered {status}:\n{answer.decode(errors='replace')}")
    return json.loads(answer) if answer else None


def step(text):
    print(f"\n== {text}", flush=True)


# --- credentials -----------------------------------------------------------------------------------------------------

def credentials():
    """An admin makes the client; from then on the partner gets tokens by itself."""
    session = call("POST", "/v1/sessions", body={"email": ADMIN[0], "password": ADMIN[1]})
    admin = session["access_token"]
    return call("POST", "/v1/clients", admin, {"name": "Sample partner", "scopes": SCOPES})


def token_of(client):
    pair = f"{urllib.parse.quote(client['id'])}:{urllib.parse.quote(client['client_secret'])}"
    basic = base64.b64encode(pair.encode()).decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": " ".join(SCOPES)})
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    return call("POST", "/oauth/token", body=form, headers=headers)["access_token"]


# --- webhooks --------------------------------------------------------------------------------------------------------

class Receiver:
    """A server that checks the signature of every delivery and keeps each message once."""

    def __init__(self):
        self.secrets, self.messages, self.refused, receiver = [], {}, 0, self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                good = receiver.signed(self.headers, body)
                if good:
                    # Delivered at least once: the id tells the same message again.
                    receiver.messages.setdefault(self.headers["webhook-id"], json.loads(body))
                else:
                    receiver.refused += 1
                self.send_response(204 if good else 401)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks/lssc"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def signed(self, headers, body):
        """Standard Webhooks, v1: HMAC-SHA256 over id, timestamp and body, by any secret that is live."""
        stamp = headers.get("webhook-timestamp", "")
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
            return False
        message = f"{headers['webhook-id']}.{stamp}.".encode() + body
        for secret in self.secrets:
            key = base64.b64decode(secret.removeprefix("whsec_"))
            expected = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
            for signature in headers.get("webhook-signature", "").split():
                if hmac.compare_digest(signature, f"v1,{expected}"):
                    return True
        return False

    def waits_for(self, event_type, person, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in list(self.messages.values()):
                if message["type"] == event_type and message["data"].get("person_id") == person:
                    return message
            time.sleep(0.1)
        sys.exit(f"no {event_type} came within {seconds} s; {self.refused} deliveries had a wrong signature")


# --- the feed --------------------------------------------------------------------------------------------------------

class Mirror:
    """What the partner holds: a full copy, and what the feed changed of it since."""

    def __init__(self, token):
        self.token, self.accounts, self.after = token, {}, 0

    def copies(self):
        """Every account, and the position from which the feed goes on."""
        status, _, answer = ask("GET", "/v1/changes/copy", self.token)
        if status != 200:  # 429: an admin allows the client to read of more people in a day
            sys.exit(f"the copy was answered {status}: {answer.decode(errors='replace')}")
        first, *accounts, last = [json.loads(line) for line in answer.splitlines() if line.strip()]
        if last.get("accounts") != len(accounts):
            sys.exit("the copy was cut off: its last line, which counts, is not there")
        self.after = first["position"]
        self.accounts = {account["person_id"]: account for account in accounts}

    def follows(self, wait=0):
        """Reads the feed to its end. An event says that something changed; the account says what it is now."""
        changed = set()
        while True:
            page = call("GET", f"/v1/changes?after={self.after}&limit=500&wait={wait}", self.token)
            changed |= {event["person_id"] for event in page["items"] if event["person_id"]}
            self.after = page["next_after"]
            if not page["has_more"]:
                break
        for person in sorted(changed):
            self.reads(person)
        return len(changed)

    def reads(self, person):
        status, headers, answer = ask("GET", f"/v1/accounts/{person}", self.token)
        if status == 200:
            account = json.loads(answer)
            if account["person_id"] != person:  # urllib followed a 308: the old id is somebody else's now
                self.accounts.pop(person, None)
            self.accounts[account["person_id"]] = account
        elif status == 308:  # the same, where urllib is older than Python 3.11
            self.accounts.pop(person, None)
            self.reads(headers["Location"].split("?")[0].rsplit("/", 1)[1])
        elif status in (404, 410):
            self.accounts.pop(person, None)
        else:
            sys.exit(f"the account of {person} was answered {status}: {answer.decode(errors='replace')}")


# --- the whole loop --------------------------------------------------------------------------------------------------

def main():
    step("Credentials: an admin makes the client, the partner gets a token")
    client = credentials()
    token = token_of(client)
    print(f"client {client['id']}, scopes {' '.join(SCOPES)}")

    step("A full copy, once")
    mirror = Mirror(token)
    mirror.copies()
    print(f"{len(mirror.accounts)} accounts up to position {mirror.after}")

    step("A webhook, whose deliveries are signed; the secret is shown once")
    receiver = Receiver()
    endpoint = call("POST", "/v1/webhook-endpoints", token, {"url": receiver.url, "description": "The sample"})
    receiver.secrets.append(endpoint["secret"])
    ping = call("POST", f"/v1/webhook-endpoints/{endpoint['id']}/ping", token)
    print(f"ping: {ping['state']}")
    if ping["state"] != "delivered":
        sys.exit(f"the ping was not delivered: {ping}")

    step("An account request: somebody whom the program does not know yet")
    run = uuid.uuid4().hex[:12]
    asked = {
        "request_id": f"sample-{run}", "external_id": f"user-{run}", "given_name": "Noor",
        "family_name": f"Sample {run}", "emails": [f"noor.{run}@partner.example"],
    }
    request = call("POST", "/v1/account-requests", token, asked)
    again = call("POST", "/v1/account-requests", token, asked)
    if request["state"] != "completed" or again["id"] != request["id"]:
        sys.exit(f"the request was not completed, or not once: {request} {again}")
    noor = request["person_id"]
    print(f"{request['state']} ({request['outcome']}): {noor}; sent again: the same")

    step("What may be a coincidence waits for the office")
    waiting = call("POST", "/v1/account-requests", token, {
        **asked, "request_id": f"sample-{run}-2", "external_id": f"user-{run}-2",
        "emails": [f"another.{run}@partner.example"],
    })
    if waiting["state"] != "pending":
        sys.exit(f"somebody of the same name was not left to the office: {waiting}")
    for finding in waiting["findings"]:
        print(f"pending: {finding['rule']}: {finding['actual']}")

    step("Identifiers that disagree are an error, never a guess")
    # An active account: who was erased is nobody to be named.
    other = next(person for person, account in sorted(mirror.accounts.items()) if account["state"] == "active")
    status, _, answer = ask("POST", "/v1/account-requests", token, {
        **asked, "request_id": f"sample-{run}-3", "person_id": other,
    })
    if status != 409:
        sys.exit(f"identifiers of two people were answered {status}: {answer.decode(errors='replace')}")
    print("409:", ", ".join(one["rule"] for one in json.loads(answer)["findings"] if not one["satisfied"]))

    step("The feed tells of it, and the webhook")
    while noor not in mirror.accounts:
        mirror.follows(wait=5)
    print(f"the mirror holds {mirror.accounts[noor]['external_id']} after position {mirror.after}")
    told = receiver.waits_for("account.linked", noor)
    print(f"delivered: {told['type']}, sequence {told['data']['sequence']} of this person")

    step("The secret is replaced; both sign for a while")
    rotated = call("POST", f"/v1/webhook-endpoints/{endpoint['id']}/secret/rotate", token)
    receiver.secrets.append(rotated["secret"])
    log = call("GET", f"/v1/webhook-endpoints/{endpoint['id']}/deliveries?limit=200", token)
    print(f"the log holds {len(log['items'])} deliveries; {receiver.refused} had a wrong signature")

    step("A reconciliation: the partner sends what it holds and is told the differences")
    mirror.follows()
    ours = [account for account in mirror.accounts.values() if account["external_id"]]
    lines = "\n".join(json.dumps({
        "external_id": one["external_id"], "person_id": one["person_id"], "given_name": one["given_name"],
        "family_name": one["family_name"] + (" (wrong)" if one["person_id"] == noor else ""),
        "email": one["emails"][0]["address"] if one["emails"] else None,
    }) for one in ours) + "\n"
    job = call("POST", "/v1/reconciliations", token, lines, headers={"Content-Type": "application/x-ndjson"})
    while job["state"] in ("queued", "running"):
        time.sleep(0.2)
        job = call("GET", f"/v1/reconciliations/{job['id']}", token)
    differences = call("GET", f"/v1/reconciliations/{job['id']}/differences", token)["items"]
    for one in differences:
        print(f"{one['kind']}: {one['external_id']} {one['field']}: here {one['here']!r}, there {one['there']!r}")
    if [(one["external_id"], one["field"]) for one in differences] != [(asked["external_id"], "family_name")]:
        sys.exit(f"one difference was put in, others were found: {differences}")

    step("The partner lets the account go")
    _, headers, _ = ask("GET", f"/v1/accounts/{noor}", token)
    call("DELETE", f"/v1/accounts/{noor}/external-id", token, headers={"If-Match": headers["ETag"]})
    receiver.waits_for("account.unlinked", noor)
    call("GET", f"/v1/accounts/{noor}", token, expected=(404,))
    call("DELETE", f"/v1/webhook-endpoints/{endpoint['id']}", token,
         headers={"If-Match": ask('GET', f"/v1/webhook-endpoints/{endpoint['id']}", token)[1]["ETag"]})
    print("\nThe whole loop: credentials, request, feed, webhook, reconciliation.")


if __name__ == "__main__":
    main()
