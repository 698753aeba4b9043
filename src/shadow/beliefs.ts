// What may have become of users whose last answer did not show them: after a 204 to a DELETE a user may be inactive or
// gone. The next answer about such a user tells which, and only then what it showed counts as seen.

import type { UserRecord } from '../insightly/record.ts'
import { type PossibleScene, type Switches, toBoth } from './alternatives.ts'
import type { Sign } from './learned.ts'
import type { Wish } from './matching.ts'
import type { Scene } from './model.ts'

/** One thing that may have become of a user, and the switches that would have made it so. */
interface Future {
  switches: Switches
  user: UserRecord | undefined
}

/** What is open about one user. */
export interface Belief {
  futures: readonly Future[]
  /** What exchanges showed, provided that the user is then seen as they say. */
  held: readonly Sign[]
  /** What these asked of attributes that they cannot set. */
  wishes: readonly Wish[]
  /** The attributes that may have changed. */
  telling: ReadonlySet<string>
  /** Whether the user was active before; only then a DELETE can be seen by its effect. */
  wasActive: boolean
}

const mostBeliefs = 1000
const mostFutures = 8
const mostHeld = 16

/** The users of one instance about whom something is open. */
export class Beliefs {
  readonly #byId = new Map<number, Belief>()

  /** What is open about a user; undefined when nothing is. */
  find(id: number): Belief | undefined {
    return this.#byId.get(id)
  }

  /** The scenes that are possible, given users as the instance has them. */
  toScenes(scene: Scene): PossibleScene[] {
    let scenes: PossibleScene[] = [{ switches: {}, scene }]
    for (const { USER_ID } of scene.users) {
      const futures = this.#byId.get(USER_ID)?.futures
      if (!futures) continue
      scenes = scenes.flatMap(each =>
        futures.flatMap(({ switches, user }) => {
          const both = toBoth(each.switches, switches)
          const users = each.scene.users.flatMap(other => (other.USER_ID !== USER_ID ? [other] : user ? [user] : []))
          return both ? [{ switches: both, scene: { ...each.scene, users } }] : []
        }),
      )
    }
    return scenes.length <= mostFutures ? scenes : [{ switches: {}, scene }]
  }

  /** Says what may have become of a user. The signs and wishes that were open before stay open. */
  set(id: number, { futures, held, wishes, telling, wasActive }: Belief): void {
    const before = this.#byId.get(id)
    this.#byId.delete(id)
    if (futures.length === 0 || futures.length > mostFutures) return
    this.#byId.set(id, {
      futures,
      held: [...(before?.held ?? []), ...held].slice(0, mostHeld),
      wishes: [...(before?.wishes ?? []), ...wishes].slice(0, mostHeld),
      telling: new Set([...(before?.telling ?? []), ...telling]),
      wasActive: before?.wasActive ?? wasActive,
    })
    if (this.#byId.size > mostBeliefs) this.#byId.delete(this.#byId.keys().next().value!)
  }

  /** Ends what is open about a user. */
  settle(id: number): void {
    this.#byId.delete(id)
  }

  clear(): void {
    this.#byId.clear()
  }
}
