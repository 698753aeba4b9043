// Two texts side by side, line by line: the shortest way from one to the other (Myers 1986). Pure.

/** @typedef {{ left: string | undefined, right: string | undefined, isSame: boolean }} Row */

/** How many differences are looked for; texts that differ in more are shown as wholly different. */
const mostDifferences = 1500

/** The lines of two texts, those that belong together in one row. @param {string} left @param {string} right @returns {Row[]} */
export function toRows(left, right) {
  const [a, b] = [toLines(left), toLines(right)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1
  const same = (/** @type {string} */ line) => ({ left: line, right: line, isSame: true })
  return [
    ...a.slice(0, start).map(same),
    ...pair(findSteps(a.slice(start, a.length - end), b.slice(start, b.length - end))),
    ...a.slice(a.length - end).map(same),
  ]
}

/** @param {string} text */
const toLines = text => (text === '' ? [] : text.split('\n'))

/** @typedef {{ kind: 'same' | 'left' | 'right', line: string }} Step */

/** @param {string[]} a @param {string[]} b @returns {Step[]} */
function findSteps(a, b) {
  const most = Math.min(a.length + b.length, mostDifferences)
  /** How far each diagonal reaches, after 0, 1, 2 … differences. @type {Map<number, number>[]} */
  const trace = []
  let reach = new Map([[1, 0]])
  for (let differences = 0; differences <= most; differences += 1) {
    const next = new Map()
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      const down = reach.get(diagonal + 1) ?? -1
      const across = (reach.get(diagonal - 1) ?? -2) + 1
      let x = diagonal === -differences || (diagonal !== differences && across <= down) ? down : across
      if (x < 0 || x > a.length || x - diagonal > b.length) continue
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1
      next.set(diagonal, x)
      if (x === a.length && x - diagonal === b.length) return walkBack([...trace, next], a, b)
    }
    trace.push(next)
    reach = next
  }
  return [...a.map(line => toStep('left', line)), ...b.map(line => toStep('right', line))]
}

/** @param {Step['kind']} kind @param {string | undefined} line @returns {Step} */
const toStep = (kind, line) => ({ kind, line: line ?? '' })

/** @param {Map<number, number>[]} trace @param {string[]} a @param {string[]} b */
function walkBack(trace, a, b) {
  /** @type {Step[]} */
  const steps = []
  let [x, y] = [a.length, b.length]
  for (let differences = trace.length - 1; differences > 0; differences -= 1) {
    const before = /** @type {Map<number, number>} */ (trace[differences - 1])
    const diagonal = x - y
    const down = before.get(diagonal + 1) ?? -1
    const across = (before.get(diagonal - 1) ?? -2) + 1
    const isDown = diagonal === -differences || (diagonal !== differences && across <= down)
    const [fromX, fromY] = isDown ? [down, down - diagonal - 1] : [across - 1, across - diagonal]
    const turn = isDown ? down : across
    for (; x > turn; x -= 1, y -= 1) steps.push(toStep('same', a[x - 1]))
    steps.push(isDown ? toStep('right', b[fromY]) : toStep('left', a[fromX]))
    ;[x, y] = [fromX, fromY]
  }
  for (; x > 0; x -= 1) steps.push(toStep('same', a[x - 1]))
  return steps.reverse()
}

/** Puts what went and what came in its place into one row. @param {Step[]} steps @returns {Row[]} */
function pair(steps) {
  /** @type {Row[]} */
  const rows = []
  /** @type {string[]} */
  let gone = []
  /** @type {string[]} */
  let come = []
  const flush = () => {
    for (let index = 0; index < Math.max(gone.length, come.length); index += 1)
      rows.push({ left: gone[index], right: come[index], isSame: false })
    gone = []
    come = []
  }
  for (const { kind, line } of steps) {
    if (kind === 'left') gone.push(line)
    else if (kind === 'right') come.push(line)
    else {
      flush()
      rows.push({ left: line, right: line, isSame: true })
    }
  }
  flush()
  return rows
}
