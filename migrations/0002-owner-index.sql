-- Whom the API key acts as is looked for with every REST request: without an owner that read all users.
CREATE INDEX users_by_owner ON users (USER_ID) WHERE ACCOUNT_OWNER = 1;
