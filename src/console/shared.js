// Values by which anything on the page can speak up, wherever it stands.

import { useEffect, useState } from 'preact/hooks'

/** A value that components outside the tree of its setter follow. @template T */
export class Shared {
  /** @type {Set<(value: T) => void>} */
  #followers = new Set()

  /** @param {T} value */
  constructor(value) {
    this.value = value
  }

  /** @param {T} value */
  set(value) {
    this.value = value
    for (const follower of this.#followers) follower(value)
  }

  use() {
    const [value, setValue] = useState(this.value)
    useEffect(() => {
      this.#followers.add(setValue)
      setValue(this.value)
      return () => void this.#followers.delete(setValue)
    }, [])
    return value
  }
}
