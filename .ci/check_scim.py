"""Runs scim2-tester against a server; fails when a check errs, or when hardly anything was checked."""

import sys
from collections import Counter

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

base, token = sys.argv[1:]
http = Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=30)
scim = SyncSCIMClient(http)
scim.discover()
results = check_server(scim)
found = Counter(result.status.name for result in results)
print(dict(found))
wrong = [one for one in results if one.status in (Status.ERROR, Status.CRITICAL)]
for one in wrong:
    print(one.status.name, one.title, one.reason, file=sys.stderr)
if wrong or found["SUCCESS"] < 40:
    sys.exit(1)
