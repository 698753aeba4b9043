"""scim2-client: the life of a user."""

import os

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import PatchOp, PatchOperation, SearchRequest, UniquenessException
from step import step

client = SyncSCIMClient(
    Client(base_url=os.environ["SCIM_URL"], headers={"Authorization": "Bearer " + os.environ["SCIM_TOKEN"]})
)


@step("discovers")
def _():
    client.discover()
    return client.get_resource_model("User") is not None


User = client.get_resource_model("User")
ann = User(user_name="ann@example.com", name={"givenName": "Ann", "familyName": "Lee"})
made = client.create(ann)


def find(filter):
    found = client.query(User, query_parameters=SearchRequest(filter=filter)).resources
    return [user.id for user in found or []]


def patch(op, path, value):
    operation = PatchOperation(op=op, path=path, value=value)
    client.modify(User, made.id, PatchOp[User](operations=[operation]))
    return client.query(User, made.id)


@step("creates")
def _():
    return made.id and made.user_name == "ann@example.com" and made.active is True


@step("finds by userName")
def _():
    return find('userName eq "ann@example.com"') == [made.id]


@step("finds by familyName")
def _():
    return find('name.familyName eq "Lee"') == [made.id]


@step("replaces an attribute")
def _():
    return patch("replace", "displayName", "Ann of Lee").display_name == "Ann of Lee"


@step("adds an attribute")
def _():
    return patch("add", "externalId", "e-1").external_id == "e-1"


@step("replaces the user")
def _():
    user = client.query(User, made.id)
    user.name.given_name = "Anna"
    client.replace(user)
    return client.query(User, made.id).name.given_name == "Anna"


@step("deactivates")
def _():
    return patch("replace", "active", False).active is False


@step("reads a refusal")
def _():
    try:
        client.create(ann)
    except UniquenessException:
        return True


@step("deletes")
def _():
    return client.delete(User, made.id) is None


@step("finds nobody who was deleted")
def _():
    return find('userName eq "ann@example.com"') == []
