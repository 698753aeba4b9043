"""A client that openapi-generator makes for Python. Prints a line for each step that went well."""

import os

from insightly import ApiClient, Configuration, PatchOp, RESTApi, SCIMUsersApi, UserCreation, UserCreationName
from insightly.exceptions import ApiException
from insightly.models.patch_op_operations_inner import PatchOpOperationsInner

SCHEMAS = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
client = ApiClient(Configuration(host=os.environ["SERVER_URL"], access_token=os.environ["SCIM_TOKEN"]))
users = SCIMUsersApi(client)
records = RESTApi(ApiClient(Configuration(host=os.environ["SERVER_URL"], username=os.environ["API_KEY"], password="")))


def step(name, is_right):
    if is_right:
        print(name)


def patch(id, operation):
    operations = [PatchOpOperationsInner.from_dict(operation)]
    return users.patch_user(id, PatchOp(schemas=SCHEMAS, Operations=operations))


made = users.create_user(
    UserCreation(userName="ann@example.com", name=UserCreationName(givenName="Ann", familyName="Lee"))
)
step("creates", made.user_name == "ann@example.com")

found = users.list_users(filter='userName eq "ann@example.com"')
step("finds", found.resources[0].id == made.id)

step("patches", patch(made.id, {"op": "replace", "path": "name.givenName", "value": "Anna"}).name.given_name == "Anna")

step("deactivates", patch(made.id, {"op": "replace", "path": "active", "value": False}).active is False)

step("deletes", users.delete_user_with_http_info(made.id).status_code == 204)

try:
    users.create_user(
        UserCreation(userName="ann@example.com", name=UserCreationName(givenName="Ann", familyName="Lee"))
    )
except ApiException as refusal:
    step("reads a refusal", refusal.status == 409 and refusal.data.status == "409")

record = records.get_insightly_user(made.id)
named = records.search_insightly_users(field_name="EMAIL_ADDRESS", field_value="ann@example.com")
step("reads its record by REST", record.first_name == "Anna" and record.active is False and named[0] == record)
