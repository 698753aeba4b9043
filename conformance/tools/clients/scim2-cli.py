"""scim2-cli, the command `scim`: the life of a user."""

import json
import os
import subprocess
import sys
from pathlib import Path

from step import step

environment = {
    **os.environ,
    "SCIM_CLI_URL": os.environ["SCIM_URL"],
    "SCIM_CLI_HEADERS": "Authorization: Bearer " + os.environ["SCIM_TOKEN"],
}


def scim(*arguments, body=None):
    """What the command prints, read as JSON; its last line of complaint is raised."""
    ran = subprocess.run(
        [Path(sys.executable).with_name("scim"), *arguments],
        env=environment,
        input=json.dumps(body) if body else "",
        capture_output=True,
        text=True,
    )
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr.strip().splitlines()[-1])
    return json.loads(ran.stdout or "null")


def create():
    return scim("create", "user", "--user-name", "ann@example.com", "--name", '{"givenName": "Ann", "familyName": "Lee"}')


def find(filter):
    return [user["id"] for user in scim("query", "user", "--filter", filter).get("Resources", [])]


def modify(*operation):
    scim("modify", "user", made["id"], *operation)
    return scim("query", "user", made["id"])


made = create()


@step("creates")
def _():
    return made["userName"] == "ann@example.com" and made["active"] is True


@step("finds by userName")
def _():
    return find('userName eq "ann@example.com"') == [made["id"]]


@step("finds by familyName")
def _():
    return find('name.familyName eq "Lee"') == [made["id"]]


@step("replaces an attribute")
def _():
    return modify("replace", "displayName", "Ann of Lee")["displayName"] == "Ann of Lee"


@step("adds an attribute")
def _():
    return modify("add", "externalId", "e-1")["externalId"] == "e-1"


@step("replaces the user")
def _():
    made["name"]["givenName"] = "Anna"
    return scim("replace", "user", body=made)["name"]["givenName"] == "Anna"


@step("deactivates")
def _():
    return modify("replace", "active", "false")["active"] is False


@step("reads a refusal")
def _():
    try:
        create()
    except RuntimeError as refusal:
        return "409" in str(refusal) and "ann@example.com" in str(refusal)


@step("deletes")
def _():
    return scim("delete", "user", made["id"]) is None


@step("finds nobody who was deleted")
def _():
    return find('userName eq "ann@example.com"') == []
