# Runs scim2-tester against a SCIM URL with a token and prints one JSON line a check.
# Usage: scim2_tester_run.py URL TOKEN

import collections
import json
import random
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

url, token = sys.argv[1:]
# The tester fills attributes with random values; a run must be repeatable.
random.seed(1)
seen = collections.Counter()

with Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
    for result in check_server(SyncSCIMClient(client)):
        # Some checks are made once for each attribute, others several times.
        attribute = result.data.get("urn") if isinstance(result.data, dict) else None
        name = f"{result.title} {attribute}" if attribute else result.title
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name} ({seen[name]})"
        if result.status in (Status.ERROR, Status.CRITICAL, Status.DEVIATION):
            print(json.dumps({"check": name, "failure": f"{result.status.name}: {result.reason}"}))
        elif result.status != Status.SKIPPED:
            print(json.dumps({"check": name}))
