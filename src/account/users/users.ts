// The user service: creates, changes and removes the users of one instance, as Insightly does. Every change by SCIM ends
// in #write. How SCIM shows users is in documents.ts. Knows nothing about HTTP.

import { ApiError, quote } from '../../errors.ts'
import type { NewUser, UserRecord } from '../../insightly/record.ts'
import { cleared } from '../../scim/attribute.ts'
import type { Behaviours } from '../../scim/behaviour.ts'
import { changedFields, readUser, withDerivedDisplayName } from '../../scim/document.ts'
import { applyPatch, type PatchOperation } from '../../scim/patch.ts'
import type { Note } from '../../scim/rules.ts'
import { foldCase } from '../../scim/text.ts'
import type { ScimRecord, WritableFields } from '../../scim/user.ts'
import type { StoredRecord, WholeRecord } from './user-sql.ts'
import type { UserTable } from './user-table.ts'

/** A change of one user; `before` is undefined for a new user, `after` for a removed one. */
export interface UserChange {
  before?: ScimRecord
  after?: ScimRecord
}

/** The result of a write: the record after it, the record before it if there was one, and what was ignored. */
export interface Written {
  before?: ScimRecord
  after: StoredRecord
  notes: Note[]
}

/** The users of one instance. */
export class Users {
  readonly #table: UserTable
  readonly #now: () => number
  readonly #behaviours: () => Behaviours
  readonly #changed: (change: UserChange) => void

  constructor(
    table: UserTable,
    now: () => number,
    behaviours: () => Behaviours,
    changed: (change: UserChange) => void,
  ) {
    this.#table = table
    this.#now = now
    this.#behaviours = behaviours
    this.#changed = changed
  }

  /** The user with an id, active or not, if there is one. */
  find(id: string): StoredRecord | undefined {
    return this.#table.findScim(id)
  }

  /**
   * Creates a user from a SCIM document (U-07 to U-12).
   * @throws invalidValue, uniqueness
   */
  create(document: object): Written {
    const behaviours = this.#behaviours()
    const { fields, notes } = readUser(document, behaviours, {
      ignoreActive: behaviours.createActive === 'always-true',
    })
    if (behaviours.inactiveDuplicate === 'reactivate') {
      const before = this.#table.findScimByUserName(fields.EMAIL_ADDRESS!)
      if (before && !before.ACTIVE) return this.#write(before, { ...replaced(before, fields), ACTIVE: true }, notes)
    }
    return { after: this.insert(fields as NewUser), notes }
  }

  /**
   * Replaces what a client may set (U-13); an absent `active` keeps its value.
   * @throws notFound, invalidValue, uniqueness, mutability, forbidden
   */
  replace(id: string, document: object): Written {
    const before = this.#table.getScim(id)
    const { fields, notes } = readUser(document, this.#behaviours(), { ignoreActive: false, before })
    return this.#write(before, replaced(before, fields), notes)
  }

  /**
   * Applies a PATCH, all of it or nothing (U-15).
   * @throws notFound, invalidValue, invalidPath, mutability, uniqueness, forbidden
   */
  patch(id: string, operations: readonly PatchOperation[]): Written {
    const before = this.#table.getScim(id)
    const { after, notes } = applyPatch(before, operations, this.#behaviours())
    return this.#write(before, after, notes)
  }

  /**
   * Deactivates a user, as DELETE does in Insightly (U-19).
   * @throws notFound, forbidden
   */
  deactivate(id: string): Written {
    const before = this.#table.getScim(id)
    return this.#write(before, { ...before, ACTIVE: false }, [])
  }

  /**
   * Removes a user for good, as the `delete` switch allows; the id is never given again.
   * @throws notFound, forbidden
   */
  remove(id: string): ScimRecord {
    const before = this.#table.getScim(id)
    if (before.ACCOUNT_OWNER) refuseOwner()
    this.#table.remove(before.USER_ID)
    this.#changed({ before })
    return before
  }

  /**
   * Stores a new user, completed as Insightly does.
   * @throws uniqueness when the address is taken
   */
  insert(user: NewUser): WholeRecord {
    const after = this.#table.add(user, this.#now())
    this.#changed({ after })
    return after
  }

  /**
   * Changes a user as an Insightly administrator does by hand; only what differs counts as changed.
   * @throws notFound, uniqueness, forbidden for deactivating the owner
   */
  edit(id: string, fields: Partial<UserRecord>): UserRecord {
    const before = this.#table.get(id)
    if (before.ACCOUNT_OWNER && fields.ACTIVE === false) refuseOwner()
    const changed = Object.entries(withDerivedDisplayName({ ...before, ...fields })).filter(
      ([field, value]) => JSON.stringify(before[field as keyof UserRecord]) !== JSON.stringify(value),
    )
    return this.#change(before, Object.fromEntries(changed))
  }

  /** Every change by SCIM ends here: the result is checked, only what differs is stored, and listeners are notified. */
  #write(before: StoredRecord, wanted: ScimRecord, notes: Note[]): Written {
    const after = withDerivedDisplayName(wanted)
    if (before.ACCOUNT_OWNER && before.ACTIVE && !after.ACTIVE) refuseOwner()
    const isRenamed = foldCase(before.EMAIL_ADDRESS) !== foldCase(after.EMAIL_ADDRESS)
    if (isRenamed && this.#behaviours().userNameChange === 'refused')
      throw new ApiError(
        'mutability',
        `userName is ${quote(before.EMAIL_ADDRESS)} and cannot become ${quote(after.EMAIL_ADDRESS)}.`,
        'U-21',
      )
    return { before, after: this.#change(before, changedFields(before, after)), notes }
  }

  /** Stores changed fields of a user; without any, nothing happens (U-22). */
  #change<R extends ScimRecord>(before: R, fields: Partial<UserRecord>): R {
    if (Object.keys(fields).length === 0) return before
    const after = this.#table.change(before, fields, this.#now())
    this.#changed({ before, after })
    return after
  }
}

const replaced = (before: ScimRecord, fields: Partial<WritableFields>): ScimRecord => ({
  ...before,
  ...cleared,
  ...fields,
})

function refuseOwner(): never {
  throw new ApiError('forbidden', 'The user is the account owner, who cannot be deactivated.', 'U-24')
}
