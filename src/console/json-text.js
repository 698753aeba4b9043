// JSON as it was sent: laid out for reading without changing a character of any value, so that big integers, duplicate
// names and escapes stay what they were; and where it stops being JSON. Pure.

/** @typedef {{ kind: 'name' | 'text' | 'word' | 'number' | 'mark', text: string }} Part */
/** @typedef {{ at: number, line: number, column: number, why: string }} Problem */

const space = /[ \t\r\n]*/y
const string = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const word = /true|false|null/y
/** How many remarks are worth reading. */
const mostRemarks = 5
/** Deeper levels are not moved further to the right. */
const deepest = 40

/**
 * Lays a text out as JSON.
 * @param {string} text
 * @returns {{ parts: Part[], problem: Problem | undefined, remarks: string[] }} the parts up to the problem, if there is one
 */
export function layOut(text) {
  const { parts, at, why, remarks } = new Layout(text).run()
  const problem = why === undefined ? undefined : { at, ...toPlace(text, at), why }
  return { parts, problem, remarks: [...remarks].slice(0, mostRemarks) }
}

/** The line and column of a place, both from 1. @param {string} text @param {number} at */
function toPlace(text, at) {
  const before = text.slice(0, at)
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') }
}

class Layout {
  /** @type {Part[]} */
  parts = []
  /** @type {Set<string>} */
  remarks = new Set()
  /** Why it is no JSON. @type {string | undefined} */
  why
  /** The objects and arrays around, each with the names that an object has so far. @type {{ close: string, names?: Set<string> }[]} */
  #around = []
  #text
  /** Whether a value comes next, after a comma, a colon or an open bracket. */
  #isValueNext = false

  /** @param {string} text */
  constructor(text) {
    this.#text = text
    // A byte order mark is no part of the text (RFC 8259 §8.1).
    this.at = text.startsWith('\uFEFF') ? 1 : 0
  }

  run() {
    let isGood = this.#value()
    while (isGood && (this.#isValueNext || this.#around.length > 0))
      isGood = this.#isValueNext ? this.#value() : this.#next()
    if (this.why === undefined) {
      this.#take(space)
      if (this.at < this.#text.length) this.#fail('the value ended before this')
    }
    return this
  }

  /** A value, or the start of an object or array. @returns {boolean} */
  #value() {
    this.#isValueNext = false
    this.#take(space)
    const text = this.#take(string)
    if (text !== undefined) return this.#add('text', text)
    const digits = this.#take(number)
    if (digits !== undefined) {
      if (/^-?\d+$/.test(digits) && !Number.isSafeInteger(Number(digits)))
        this.remarks.add(`${digits.slice(0, 60)} is beyond what JavaScript and many other programs hold exactly.`)
      return this.#add('number', digits)
    }
    const literal = this.#take(word)
    if (literal !== undefined) return this.#add('word', literal)
    const open = this.#text[this.at]
    if (open !== '{' && open !== '[') return this.#fail('a value is expected here')
    this.at += 1
    this.#take(space)
    const close = open === '{' ? '}' : ']'
    if (this.#text[this.at] === close) {
      this.at += 1
      return this.#add('mark', open + close)
    }
    this.#around.push(open === '{' ? { close, names: new Set() } : { close })
    this.#add('mark', open)
    return this.#member()
  }

  /** An element of the open array, or a member of the open object with its name. */
  #member() {
    const { names } = /** @type {{ names?: Set<string> }} */ (this.#around.at(-1))
    this.#break()
    this.#isValueNext = true
    if (!names) return true
    this.#take(space)
    const name = this.#take(string)
    if (name === undefined) return this.#fail('a name in double quotes is expected here')
    const read = JSON.parse(name)
    if (names.has(read)) this.remarks.add(`The name ${name.slice(0, 60)} stands twice in one object.`)
    names.add(read)
    this.#add('name', name)
    this.#take(space)
    if (this.#text[this.at] !== ':') return this.#fail('a colon is expected here')
    this.at += 1
    return this.#add('mark', ': ')
  }

  /** What follows a value inside an object or array. */
  #next() {
    const { close } = /** @type {{ close: string }} */ (this.#around.at(-1))
    this.#take(space)
    const mark = this.#text[this.at]
    if (mark !== ',' && mark !== close) return this.#fail(`a comma or ${close} is expected here`)
    this.at += 1
    if (mark === ',') {
      this.#add('mark', ',')
      return this.#member()
    }
    this.#around.pop()
    this.#break()
    return this.#add('mark', close)
  }

  #break() {
    this.#add('mark', `\n${'  '.repeat(Math.min(this.#around.length, deepest))}`)
  }

  /** @param {RegExp} form */
  #take(form) {
    form.lastIndex = this.at
    const found = form.exec(this.#text)?.[0]
    if (found === undefined) return undefined
    this.at += found.length
    return found
  }

  /** @param {Part['kind']} kind @param {string} text */
  #add(kind, text) {
    this.parts.push({ kind, text })
    return true
  }

  /** @param {string} why */
  #fail(why) {
    this.why = this.at < this.#text.length ? why : `the text ends, and ${why.replace(' here', '')}`
    return false
  }
}
