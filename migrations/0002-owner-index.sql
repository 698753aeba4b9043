-- Every REST request looks for the owner, as whom the API key acts. In an instance without one, that read all users.
CREATE INDEX users_by_owner ON users (USER_ID) WHERE ACCOUNT_OWNER = 1;
