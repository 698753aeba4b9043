// What was filled in and not saved: leaving its view, its instance or the page asks first.

import { useLayoutEffect, useRef } from 'preact/hooks'
import { ask } from './dialog.js'

/** @type {Set<() => boolean>} */
const drafts = new Set()
/** Whether something is filled in and not saved. */
export const isUnsaved = () => [...drafts].some(isDraft => isDraft())

addEventListener('beforeunload', event => {
  if (isUnsaved()) event.preventDefault()
})

/** As long as the calling component is rendered, leaving asks first whenever this holds. @param {() => boolean} isDraft */
export function useUnsaved(isDraft) {
  const latest = useRef(isDraft)
  latest.current = isDraft
  useLayoutEffect(() => {
    const current = () => latest.current()
    drafts.add(current)
    return () => void drafts.delete(current)
  }, [])
}

/** Asks whether to give up what is not saved. */
export async function mayLeave() {
  const sure = await ask({
    title: 'Leave without saving?',
    text: 'What you changed here is not saved yet.',
    action: 'Leave without saving',
  })
  if (sure) drafts.clear()
  return sure
}
