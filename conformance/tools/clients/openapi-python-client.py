"""A client that openapi-python-client makes. Prints a line for each step that went well."""

import os

from generated import AuthenticatedClient
from generated.api.scim_users import create_user, delete_user, list_users, patch_user
from generated.models import (
    PatchOp,
    PatchOpOperationsItemType0,
    PatchOpOperationsItemType0Path,
    PatchOpOperationsItemType2,
    PatchOpOperationsItemType2Path,
    UserCreation,
    UserCreationName,
)

SCHEMAS = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
client = AuthenticatedClient(base_url=os.environ["SERVER_URL"], token=os.environ["SCIM_TOKEN"])


def step(name, is_right):
    if is_right:
        print(name)


creation = UserCreation(user_name="ann@example.com", name=UserCreationName(given_name="Ann", family_name="Lee"))
made = create_user.sync(client=client, body=creation)
step("creates", made.user_name == "ann@example.com")

found = list_users.sync(client=client, filter_='userName eq "ann@example.com"')
step("finds", found.resources[0].id == made.id)

rename = PatchOpOperationsItemType0(op="replace", path=PatchOpOperationsItemType0Path.NAME_GIVENNAME, value="Anna")
renamed = patch_user.sync(made.id, client=client, body=PatchOp(schemas=SCHEMAS, operations=[rename]))
step("patches", renamed.name.given_name == "Anna")

leave = PatchOpOperationsItemType2(op="replace", path=PatchOpOperationsItemType2Path.ACTIVE, value=False)
deactivated = patch_user.sync(made.id, client=client, body=PatchOp(schemas=SCHEMAS, operations=[leave]))
step("deactivates", deactivated.active is False)

step("deletes", delete_user.sync_detailed(made.id, client=client).status_code == 204)

nobody = UserCreation(user_name="", name=UserCreationName(given_name="", family_name=""))
step("reads a refusal", create_user.sync(client=client, body=nobody).status == "400")
