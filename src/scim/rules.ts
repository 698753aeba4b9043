// THE RULES: one row for each rule that a refusal, a note or a test can name, with what it says and how it is known. It
// holds data only; the code that keeps a rule names it in a comment.

import type { BehaviourKey } from './behaviour.ts'
import { type Evidence, evidenceWords } from './user.ts'

interface RuleRow {
  /** The rule, in words for someone whose client was refused. */
  sentence: string
  /** How the rule is known. Where its parts are known in different ways, the way of the most important part. */
  evidence: Evidence
  /** Where it can be read. */
  source: string
  /** The behaviour switch that can change the rule. */
  switch?: BehaviourKey
  /** Values of the switch under which a request that the rule refused may be accepted. */
  accepts?: readonly string[]
}

const operationTable = "Insightly's SCIM operation table"
const attributeTable = "Insightly's SCIM attribute table"
const setup = "Insightly's documentation of SAML and SCIM"
const restDocumentation = "Insightly's REST v3.1 documentation"
const nobodyKnows = 'no public document says it'

const table = {
  'A-01': {
    sentence:
      'A request shows the SCIM token as `Authorization: Bearer`, and the token alone says which account is meant.',
    evidence: 'doc',
    source: `${setup}; RFC 6750 §2.1`,
  },
  'A-02': {
    sentence:
      'A token that is missing, malformed, sent twice, unknown or replaced by a newer one gets 401 and `WWW-Authenticate`.',
    evidence: 'rfc',
    source: 'RFC 6750 §3; RFC 7644 §3.12 for the body',
  },
  'A-03': {
    sentence: 'SCIM can be enabled only while SAML is on, and turning SAML off turns SCIM off.',
    evidence: 'doc',
    source: setup,
  },
  'A-04': {
    sentence: 'The first save with SCIM enabled makes the SCIM token and shows the SCIM URL.',
    evidence: 'doc',
    source: setup,
  },
  'A-05': {
    sentence: 'A regenerated token works at once, and every earlier token is refused from the next request on.',
    evidence: 'doc',
    source: setup,
  },
  'A-06': {
    sentence: 'A valid token gets 403 while SCIM is disabled, and works again once SCIM is enabled.',
    evidence: 'open',
    source: nobodyKnows,
    switch: 'disabledScim',
  },
  'A-07': {
    sentence:
      'Each secret opens one door: the SCIM token SCIM, the API key the REST API, the admin key the control API.',
    evidence: 'open',
    source: nobodyKnows,
  },

  'U-01': {
    sentence: 'The list holds active and inactive users, in ascending order of their id.',
    evidence: 'doc',
    source: `${operationTable}; the order is our choice`,
  },
  'U-02': {
    sentence:
      '`startIndex` and `count` must be integers: a page holds 100 users unless `count` says otherwise, and never more than 500.',
    evidence: 'rfc',
    source: `RFC 7644 §3.4.2.4; the sizes are those of ${restDocumentation}`,
  },
  'U-03': {
    sentence:
      'The filter `userName eq "value"` finds active and inactive users, in any letter case; without a match the list is empty.',
    evidence: 'doc',
    source: `${operationTable}; RFC 7643 §4.1.1 for the letter case`,
    switch: 'filters',
    accepts: ['all'],
  },
  'U-04': {
    sentence: '`userName eq` is the only filter; any other gets 400 `invalidFilter`.',
    evidence: 'doc',
    source: `${operationTable}; RFC 7644 §3.12 for the error`,
    switch: 'filters',
    accepts: ['all'],
  },
  'U-05': {
    sentence:
      '`attributes` and `excludedAttributes` choose what an answer shows; `id` and `schemas` are always there, unknown names are ignored, and an empty list counts as absent.',
    evidence: 'rfc',
    source: 'RFC 7644 §3.9',
  },
  'U-06': {
    sentence: 'An id that no user has gets 404, whatever it looks like.',
    evidence: 'rfc',
    source: 'RFC 7644 §3.12',
  },
  'U-07': {
    sentence: 'A user needs `userName`, `name.givenName` and `name.familyName`, each a non-empty string.',
    evidence: 'msft',
    source: "Microsoft's Insightly provisioning tutorial",
    switch: 'requiredAttributes',
    accepts: ['userName+names', 'userName'],
  },
  'U-08': {
    sentence: 'A new user is active, whatever was sent.',
    evidence: 'doc',
    source: attributeTable,
    switch: 'createActive',
  },
  'U-09': {
    sentence:
      '`emails` is read-only: POST and PUT ignore what was sent, and the answer holds one work address, the same as `userName`.',
    evidence: 'doc',
    source: attributeTable,
  },
  'U-10': {
    sentence: 'No two users have the same `userName`, in any letter case, active or not: 409 `uniqueness`.',
    evidence: 'rfc',
    source: 'RFC 7644 §3.3, RFC 7643 §4.1.1',
    switch: 'inactiveDuplicate',
    accepts: ['reactivate'],
  },
  'U-11': {
    sentence: 'A created user is answered with 201, the whole user, and a `Location` that equals `meta.location`.',
    evidence: 'rfc',
    source: 'RFC 7644 §3.3',
  },
  'U-12': {
    sentence:
      'What a client may not set, or what Insightly does not store, is ignored: unknown attributes, `password`, `groups`, `roles`, an `id` or `meta`, nulls and empty arrays.',
    evidence: 'rfc',
    source: 'RFC 7644 §3.3 and §3.5.1, RFC 7643 §2.5; for attributes that no schema has, our choice',
    switch: 'unmappedPath',
    accepts: ['ignored'],
  },
  'U-13': {
    sentence:
      'PUT replaces a user: it needs what a new user needs, clears a `displayName` or `externalId` that was not sent, and keeps an `active` that was not sent.',
    evidence: 'doc',
    source: `${operationTable}; RFC 7644 §3.5.1; that \`active\` is kept is our choice`,
  },
  'U-14': {
    sentence: 'PATCH knows only `replace`; one `add` or `remove` refuses the whole request.',
    evidence: 'doc',
    source: operationTable,
    switch: 'patchOperations',
    accepts: ['all'],
  },
  'U-15': {
    sentence: 'A PATCH does all its operations in their order, or none of them.',
    evidence: 'rfc',
    source: 'RFC 7644 §3.5.2',
  },
  'U-16': {
    sentence:
      'PATCH takes the forms that identity providers send: with or without a path, dotted or nested names, and `active` as a boolean or as the word "True" or "False".',
    evidence: 'open',
    source:
      'RFC 7644 §3.5.2 and what Okta and Microsoft Entra ID send; which of it Insightly takes, nobody outside knows',
  },
  'U-17': {
    sentence:
      'A PATCH may repeat the value of a read-only attribute but not change it, and its operations, paths and values must have the right form.',
    evidence: 'rfc',
    source: 'RFC 7644 §3.5.2 and §3.12',
    switch: 'readOnlyPatch',
    accepts: ['ignored'],
  },
  'U-18': {
    sentence: 'A PATCH is answered with 200 and the whole user.',
    evidence: 'rfc',
    source: 'RFC 7644 §3.5.2',
    switch: 'patchAnswer',
  },
  'U-19': {
    sentence: 'DELETE deactivates: it answers 204, and the user can still be read, with `active` false.',
    evidence: 'doc',
    source: `${operationTable}; that a second DELETE answers 204 too is our choice`,
    switch: 'delete',
  },
  'U-20': {
    sentence: '`active: true` by PATCH or PUT brings a user back, with the same id and all else as it was.',
    evidence: 'doc',
    source: `${operationTable}, ${attributeTable}`,
  },
  'U-21': {
    sentence: 'A new `userName` is the new e-mail address too, and so the new value of `emails`.',
    evidence: 'open',
    source: nobodyKnows,
    switch: 'userNameChange',
    accepts: ['allowed'],
  },
  'U-22': {
    sentence: '`meta.lastModified` moves only when something changed.',
    evidence: 'rfc',
    source: 'RFC 7643 §3.1',
  },
  'U-23': {
    sentence:
      'SCIM neither shows nor sets product licences and administrator rights; a new user has none until an administrator gives them.',
    evidence: 'doc',
    source: setup,
  },
  'U-24': {
    sentence: 'The account owner cannot be deactivated: 403, and nothing changes.',
    evidence: 'rest',
    source: `${restDocumentation}: an account has an ACCOUNT_OWNER; the 403 is our choice`,
  },
  'U-25': {
    sentence:
      '`userName`, both names, `displayName` and `externalId` are kept as sent: strings of at most 255 characters, without control characters.',
    evidence: 'rfc',
    source: 'RFC 7643 §2.3.1; the limits are our choice',
    switch: 'userNameFormat',
    accepts: ['any'],
  },
  'U-26': {
    sentence: 'A new account holds one user, its owner, unless its state says which users there are.',
    evidence: 'rest',
    source: `${restDocumentation}: an account has an ACCOUNT_OWNER`,
  },
  'U-27': {
    sentence: 'A `displayName` that equals first and last name is not stored, so that it follows the names.',
    evidence: 'open',
    source: nobodyKnows,
  },

  'D-01': {
    sentence:
      '`/Schemas` lists the User schema alone, with the attributes that are served and which of them a user needs; any other schema is 404.',
    evidence: 'doc',
    source: `${operationTable}; RFC 7643 §7, RFC 7644 §4`,
  },
  'D-02': {
    sentence:
      '`/ServiceProviderConfig` and `/ResourceTypes` say what there is: PATCH, filters, the resource type User; no bulk, sort, ETags or changes of password.',
    evidence: 'rfc',
    source: 'RFC 7644 §4, RFC 7643 §5 and §6; whether Insightly has them, nobody outside knows',
    switch: 'discovery',
    accepts: ['served'],
  },
  'D-03': {
    sentence: 'There are no groups (404), and no `/Bulk`, `/Me` and `/.search` (501).',
    evidence: 'doc',
    source: `${operationTable}; RFC 7644 §3.11 and §3.12 for 501`,
    switch: 'groups',
    accepts: ['empty'],
  },
  'D-04': {
    sentence:
      'A body is `application/scim+json` or `application/json`, in UTF-8 and uncompressed; anything else gets 415.',
    evidence: 'rfc',
    source: 'RFC 7644 §3.8, RFC 9110 §15.5.16',
  },
  'D-05': {
    sentence:
      'Every error has a body that says why, and checks go in one order: token, SCIM enabled, path, method, media type, body, then the rest.',
    evidence: 'rfc',
    source: 'RFC 7644 §3.12, RFC 9110 §15.5.6 for 405; the order is our choice',
  },
  'D-06': {
    sentence:
      'A slash at the end, doubled slashes, the letter case of a path and unknown query parameters make no difference.',
    evidence: 'open',
    source: nobodyKnows,
  },
  'D-07': {
    sentence:
      '`meta.location` and `Location` begin with the URL that the client used, or with the public URL that was configured.',
    evidence: 'rfc',
    source: 'RFC 7643 §3.1, RFC 7644 §3.3; RFC 9112 §3.2 for the Host header',
  },
  'D-08': {
    sentence:
      'A body is JSON of at most 1 MiB, 32 levels and 100 PATCH operations; a byte order mark before it and the letter case of member names make no difference.',
    evidence: 'open',
    source: 'RFC 8259 and RFC 7643 §2.1 for the form; the limits are our choice',
  },
  'D-09': {
    sentence: 'Requests on one connection take effect in the order in which they were sent.',
    evidence: 'rfc',
    source: 'RFC 9112 §9.3.2',
  },

  'R-01': {
    sentence: 'The REST API has `/Users`, one user, `/Users/Me`, `/Users/Search` and `/Instance`, all read-only.',
    evidence: 'rest',
    source: restDocumentation,
  },
  'R-02': {
    sentence: 'A request shows the API key of an active user by Basic authentication; the password is ignored.',
    evidence: 'rest',
    source: `${restDocumentation}; RFC 7617`,
  },
  'R-03': {
    sentence:
      '`skip` and `top` choose a page, of 100 users unless `top` says otherwise, and never more than 500; `count_total=true` adds `X-Total-Count`.',
    evidence: 'rest',
    source: restDocumentation,
  },
  'R-04': {
    sentence:
      'A search takes `field_name` with `field_value`, `email`, `first_name`, `last_name` and `updated_after_utc`.',
    evidence: 'rest',
    source: restDocumentation,
  },
  'R-05': {
    sentence: 'A user record has the fields of the REST API, in its order; Insightly fills in what no client sets.',
    evidence: 'rest',
    source: `${restDocumentation} and recorded answers`,
  },
  'R-06': {
    sentence:
      'Any method but GET gets 405, an id that no user has 404, a parameter that cannot be read 400, each with a `Message`.',
    evidence: 'rest',
    source: `${restDocumentation} and recorded answers`,
  },
  'R-07': {
    sentence:
      '`X-RateLimit-Limit` and `X-RateLimit-Remaining` are always told; 429 comes only where a rate limit is set.',
    evidence: 'rest',
    source: restDocumentation,
  },
} as const satisfies Record<string, RuleRow>

/** The name of a rule, such as `U-14`. */
export type RuleId = keyof typeof table

/** One rule. */
export interface Rule extends RuleRow {
  id: RuleId
}

/** Every rule, in the order of their ids. */
export const rules: readonly Rule[] = Object.entries(table).map(([id, row]) => ({ id: id as RuleId, ...row }))

/** The rules as the control API shows them, with the words for each evidence mark. */
export const ruleTable = {
  rules: rules.map(rule => ({ ...rule, switch: rule.switch ?? null, accepts: [...(rule.accepts ?? [])] })),
  evidence: evidenceWords,
}

/** Why a request was refused, what of it was ignored, or what else happened to it; `rule` is the one that says so. */
export interface Note {
  rule: RuleId | null
  text: string
}
