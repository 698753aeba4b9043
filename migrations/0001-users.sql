-- One database is one emulated Insightly account.

-- Everything that is neither a user nor derived from one: ids, token, key, settings, and the state that a reset restores.
-- One row.
CREATE TABLE instance (
  document TEXT NOT NULL
) STRICT;

-- Insightly's user records. EMAIL_KEY is EMAIL_ADDRESS with its letter case folded as in Unicode, which SQLite cannot do.
-- Dates are milliseconds since 1970; LICENSES is a JSON array. DOCUMENT is what SCIM shows of the record: JSON text up to
-- the value of meta.location. It is written with every change, so that reading needs no work.
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

-- The highest id that a removed user had or an import named, so that no id is given twice. One row.
CREATE TABLE highest_given (
  USER_ID INTEGER NOT NULL
) STRICT;
INSERT INTO highest_given VALUES (0);

-- The users that a reset restores.
CREATE TABLE initial_users AS SELECT * FROM users;
