PRAGMA application_id = 1229869891;
PRAGMA user_version = 2;
CREATE TABLE instance (
  document TEXT NOT NULL
) STRICT;
CREATE TABLE users (
  USER_ID INTEGER PRIMARY KEY,
  CONTACT_ID INTEGER NOT NULL,
  FIRST_NAME TEXT,
  LAST_NAME TEXT,
  TIMEZONE_ID TEXT NOT NULL,
  EMAIL_ADDRESS TEXT NOT NULL,
  EMAIL_KEY TEXT NOT NULL,
  EMAIL_DROPBOX_IDENTIFIER TEXT NOT NULL,
  EMAIL_DROPBOX_ADDRESS TEXT NOT NULL,
  ADMINISTRATOR INTEGER NOT NULL,
  ACCOUNT_OWNER INTEGER NOT NULL,
  ACTIVE INTEGER NOT NULL,
  DATE_CREATED_UTC INTEGER NOT NULL,
  DATE_UPDATED_UTC INTEGER NOT NULL,
  USER_CURRENCY TEXT NOT NULL,
  CONTACT_DISPLAY TEXT NOT NULL,
  CONTACT_ORDER TEXT NOT NULL,
  TASK_WEEK_START INTEGER NOT NULL,
  PROFILE_ID INTEGER,
  ROLE_ID INTEGER,
  LICENSES TEXT NOT NULL,
  DISPLAY_NAME TEXT,
  EXTERNAL_ID TEXT,
  DOCUMENT TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_by_email ON users (EMAIL_KEY);
CREATE INDEX users_by_external_id ON users (EXTERNAL_ID) WHERE EXTERNAL_ID IS NOT NULL;
CREATE TABLE highest_given (
  USER_ID INTEGER NOT NULL
) STRICT;
CREATE TABLE initial_users(
  USER_ID INT,
  CONTACT_ID INT,
  FIRST_NAME TEXT,
  LAST_NAME TEXT,
  TIMEZONE_ID TEXT,
  EMAIL_ADDRESS TEXT,
  EMAIL_KEY TEXT,
  EMAIL_DROPBOX_IDENTIFIER TEXT,
  EMAIL_DROPBOX_ADDRESS TEXT,
  ADMINISTRATOR INT,
  ACCOUNT_OWNER INT,
  ACTIVE INT,
  DATE_CREATED_UTC INT,
  DATE_UPDATED_UTC INT,
  USER_CURRENCY TEXT,
  CONTACT_DISPLAY TEXT,
  CONTACT_ORDER TEXT,
  TASK_WEEK_START INT,
  PROFILE_ID INT,
  ROLE_ID INT,
  LICENSES TEXT,
  DISPLAY_NAME TEXT,
  EXTERNAL_ID TEXT,
  DOCUMENT TEXT
);
CREATE INDEX users_by_owner ON users (USER_ID) WHERE ACCOUNT_OWNER = 1;
INSERT INTO instance VALUES ('{"instanceId":100001,"apiKey":"6292822a-922c-4781-8434-f11f05a9504e","scimToken":"second-token","settings":{"samlEnabled":true,"scimEnabled":true,"behaviours":{"patchOperations":"replace-only","filters":"userName-eq","delete":"remove","createActive":"always-true","requiredAttributes":"userName+names","discovery":"served","groups":"absent","userNameChange":"allowed","userNameFormat":"any","inactiveDuplicate":"conflict","readOnlyPatch":"refused","unmappedPath":"ignored","patchAnswer":"resource","disabledScim":"forbidden"},"rateLimit":{"requestsPerSecond":50},"publicUrl":null},"initial":{"settings":{"samlEnabled":true,"scimEnabled":true,"behaviours":{"patchOperations":"replace-only","filters":"userName-eq","delete":"deactivate","createActive":"always-true","requiredAttributes":"userName+names","discovery":"served","groups":"absent","userNameChange":"allowed","userNameFormat":"any","inactiveDuplicate":"conflict","readOnlyPatch":"refused","unmappedPath":"ignored","patchAnswer":"resource","disabledScim":"forbidden"},"rateLimit":null,"publicUrl":null},"highestUserId":3},"textForm":"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"id\":\"0\",\"externalId\":\"EXTERNAL_ID\",\"userName\":\"EMAIL_ADDRESS\",\"name\":{\"formatted\":\"FIRST_NAME LAST_NAME\",\"familyName\":\"LAST_NAME\",\"givenName\":\"FIRST_NAME\"},\"displayName\":\"DISPLAY_NAME\",\"active\":true,\"emails\":[{\"value\":\"EMAIL_ADDRESS\",\"type\":\"work\",\"primary\":true}],\"meta\":{\"resourceType\":\"User\",\"created\":\"1970-01-01T00:00:00.000Z\",\"lastModified\":\"1970-01-01T00:00:00.000Z\",\"location\":\"","replacedTokens":["VbS0j1KcPS2qAny/+mz7agNpBCRVDyIQnjmRdAbIJDs="]}');
INSERT INTO users VALUES (1, 100000001, 'Olivia', 'Owner', 'Central Standard Time', 'owner@example.com', 'owner@example.com', 'Y8S5M0', 'olivia-Y8S5M0@mailbox.insight.ly', 0, 1, 1, 1795969044721, 1795969044721, 'USD', 'FirstLast', 'FirstLast', 2, NULL, NULL, '[]', NULL, NULL, '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"owner@example.com","name":{"formatted":"Olivia Owner","familyName":"Owner","givenName":"Olivia"},"displayName":"Olivia Owner","active":true,"emails":[{"value":"owner@example.com","type":"work","primary":true}],"meta":{"resourceType":"User","created":"2026-11-29T16:17:24.721Z","lastModified":"2026-11-29T16:17:24.721Z","location":"');
INSERT INTO users VALUES (2, 100000002, 'Ann', 'Lee', 'Central Standard Time', 'Ann@Example.com', 'ann@example.com', 'PH9CX2', 'ann-PH9CX2@mailbox.insight.ly', 0, 0, 0, 1795969044721, 1795969044938, 'USD', 'FirstLast', 'FirstLast', 2, NULL, NULL, '[]', NULL, 'ext-2', '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"2","externalId":"ext-2","userName":"Ann@Example.com","name":{"formatted":"Ann Lee","familyName":"Lee","givenName":"Ann"},"displayName":"Ann Lee","active":false,"emails":[{"value":"Ann@Example.com","type":"work","primary":true}],"meta":{"resourceType":"User","created":"2026-11-29T16:17:24.721Z","lastModified":"2026-11-29T16:17:24.938Z","location":"');
INSERT INTO users VALUES (3, 100000003, NULL, 'O''Neil', 'Central Standard Time', 'zoë@example.com', 'zoë@example.com', 'VFQI0D', 'user-VFQI0D@mailbox.insight.ly', 0, 0, 0, 1795969044721, 1795969044721, 'USD', 'FirstLast', 'FirstLast', 2, NULL, NULL, '[]', 'Zoë “Z”', NULL, '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"3","userName":"zoë@example.com","name":{"formatted":"O''Neil","familyName":"O''Neil"},"displayName":"Zoë “Z”","active":false,"emails":[{"value":"zoë@example.com","type":"work","primary":true}],"meta":{"resourceType":"User","created":"2026-11-29T16:17:24.721Z","lastModified":"2026-11-29T16:17:24.721Z","location":"');
INSERT INTO users VALUES (4, 100000004, 'New', 'User', 'Central Standard Time', 'new@example.com', 'new@example.com', 'Z2LDSH', 'new-Z2LDSH@mailbox.insight.ly', 0, 0, 1, 1795969044924, 1795969044967, 'USD', 'FirstLast', 'FirstLast', 2, NULL, NULL, '["CRM","Service"]', NULL, 'ext-4', '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"4","externalId":"ext-4","userName":"new@example.com","name":{"formatted":"New User","familyName":"User","givenName":"New"},"displayName":"New User","active":true,"emails":[{"value":"new@example.com","type":"work","primary":true}],"meta":{"resourceType":"User","created":"2026-11-29T16:17:24.924Z","lastModified":"2026-11-29T16:17:24.967Z","location":"');
INSERT INTO highest_given VALUES (0);
INSERT INTO initial_users VALUES (1, 100000001, 'Olivia', 'Owner', 'Central Standard Time', 'owner@example.com', 'owner@example.com', 'Y8S5M0', 'olivia-Y8S5M0@mailbox.insight.ly', 0, 1, 1, 1795969044721, 1795969044721, 'USD', 'FirstLast', 'FirstLast', 2, NULL, NULL, '[]', NULL, NULL, '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"owner@example.com","name":{"formatted":"Olivia Owner","familyName":"Owner","givenName":"Olivia"},"displayName":"Olivia Owner","active":true,"emails":[{"value":"owner@example.com","type":"work","primary":true}],"meta":{"resourceType":"User","created":"2026-11-29T16:17:24.721Z","lastModified":"2026-11-29T16:17:24.721Z","location":"');
INSERT INTO initial_users VALUES (2, 100000002, 'Ann', 'Lee', 'Central Standard Time', 'Ann@Example.com', 'ann@example.com', 'PH9CX2', 'ann-PH9CX2@mailbox.insight.ly', 0, 0, 1, 1795969044721, 1795969044721, 'USD', 'FirstLast', 'FirstLast', 2, NULL, NULL, '[]', NULL, 'ext-2', '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"2","externalId":"ext-2","userName":"Ann@Example.com","name":{"formatted":"Ann Lee","familyName":"Lee","givenName":"Ann"},"displayName":"Ann Lee","active":true,"emails":[{"value":"Ann@Example.com","type":"work","primary":true}],"meta":{"resourceType":"User","created":"2026-11-29T16:17:24.721Z","lastModified":"2026-11-29T16:17:24.721Z","location":"');
INSERT INTO initial_users VALUES (3, 100000003, NULL, 'O''Neil', 'Central Standard Time', 'zoë@example.com', 'zoë@example.com', 'VFQI0D', 'user-VFQI0D@mailbox.insight.ly', 0, 0, 0, 1795969044721, 1795969044721, 'USD', 'FirstLast', 'FirstLast', 2, NULL, NULL, '[]', 'Zoë “Z”', NULL, '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"3","userName":"zoë@example.com","name":{"formatted":"O''Neil","familyName":"O''Neil"},"displayName":"Zoë “Z”","active":false,"emails":[{"value":"zoë@example.com","type":"work","primary":true}],"meta":{"resourceType":"User","created":"2026-11-29T16:17:24.721Z","lastModified":"2026-11-29T16:17:24.721Z","location":"');
