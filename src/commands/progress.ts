// How far long work is, on stderr: only what takes longer than a second is shown.

import { type Progress, progress } from '../account/progress.ts'

/** How long work goes on unseen, and then between two lines, in milliseconds. */
const patience = 1000
/** How often a line moves, in milliseconds. */
const beat = 100

const erase = '\r\x1b[K'

/**
 * Shows work that takes longer than a second, until disposed of: a line that moves on a terminal, a line a second elsewhere.
 * @param say takes a line where none can be written over
 * @param now the time in milliseconds
 */
export function showProgress(
  stream: { isTTY?: boolean; write(text: string): unknown } = process.stderr,
  say: (line: string) => void = line => stream.write(`${line}\n`),
  now: () => number = () => performance.now(),
) {
  let next: number | undefined
  let isShown = false
  const show = (message: unknown): void => {
    const time = now()
    next ??= time + patience
    if (time < next) return
    const { what, done, of } = message as Progress
    const line = `${what}: ${done.toLocaleString('en')} of ${of.toLocaleString('en')}`
    if (stream.isTTY) stream.write(erase + line)
    else say(line)
    next = time + (stream.isTTY ? beat : patience)
    isShown = true
  }
  progress.subscribe(show)
  return {
    /** Takes the moving line away, so that another can be written; it comes back with the next step. */
    clear(): void {
      if (isShown && stream.isTTY) stream.write(erase)
    },
    [Symbol.dispose](): void {
      progress.unsubscribe(show)
      this.clear()
    },
  }
}
