// The instance's clock: real, frozen or shifted, and moved by hand.

import { useEffect, useState } from 'preact/hooks'
import { toWords } from './api.js'
import { TextField } from './fields.js'
import { html } from './html.js'
import { useLive } from './live.js'
import { say } from './messages.js'
import { Badge, Button, Head, Problem } from './parts.js'

/** @type {Record<string, string>} */
const modes = { real: 'Real time', frozen: 'Frozen', offset: 'Shifted' }

/** @param {{ live: import('./live.js').Live }} props */
export function ClockView({ live }) {
  useLive(live)
  const { clock } = live
  const now = useTicking(clock)
  const [at, setAt] = useState('')
  const [by, setBy] = useState('')
  const [problem, setProblem] = useState('')
  /** @param {string} method @param {string} path @param {unknown} body @param {string} told */
  const set = async (method, path, body, told) => {
    const before = { mode: clock?.mode, ...(clock?.mode !== 'real' && { now }) }
    const since = performance.now()
    const put = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ value) => {
      await live.send(method, path, value)
      await live.refresh()
    }
    const undo = () => {
      // A clock that ran goes on from where it would be now.
      const passed = before.mode === 'offset' ? performance.now() - since : 0
      const then = before.now && new Date(Date.parse(before.now) + passed).toISOString()
      return put('PUT', 'clock', { mode: before.mode, ...(then && { now: then }) })
    }
    setProblem('')
    try {
      await put(method, path, body)
      say(told, 'good', undo)
    } catch (error) {
      setProblem(toWords(error, { by: 'By', now: 'Date and time' }))
    }
  }
  // What is not a date is sent as it is: the server says what it accepts.
  const toInstant = () => {
    const date = new Date(/Z|[+-]\d\d:?\d\d$/.test(at) ? at : `${at.trim().replace(' ', 'T')}Z`)
    return Number.isNaN(date.getTime()) ? at : date.toISOString()
  }
  const advance = (/** @type {string} */ duration) =>
    set('POST', 'clock/advance', { by: duration }, `The clock moved by ${duration}.`)
  return html`
    <${Head} title="Clock" lead="This instance goes by it: created, lastModified, rate limits, the journal." />
    <${Problem} text=${problem} />
    <section class="card clockFace" aria-label="Time now">
      <time class="code" datetime=${now}>${now.slice(0, 19).replace('T', ' ')}</time>
      <p>UTC ${clock && html`<${Badge} tone=${clock.mode === 'real' ? 'good' : 'warn'} icon="clock">${modes[clock.mode]}<//>`}</p>
      <div class="joined">
        <${Button} icon="pause" disabled=${clock?.mode === 'frozen'} onClick=${() => set('PUT', 'clock', { mode: 'frozen' }, 'The clock is frozen.')}>Freeze now<//>
        <${Button} icon="play" disabled=${clock?.mode === 'real'} onClick=${() => set('PUT', 'clock', { mode: 'real' }, 'The clock is real again.')}>Back to real time<//>
      </div>
    </section>
    <section class="card">
      <h2>Advance</h2>
      <div class="joined">
        ${[
          ['PT1M', '1 minute'],
          ['PT1H', '1 hour'],
          ['P1D', '1 day'],
          ['P30D', '30 days'],
        ].map(
          ([duration, label]) => html`<${Button} key=${duration} onClick=${() => advance(duration ?? '')}>${label}<//>`,
        )}
      </div>
      <form class="inline" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
        <${TextField} label="By" value=${by} onInput=${setBy} placeholder="P1DT2H30M" hint="Such as 90s, 5m, PT1H or P1DT2H30M" />
        <${Button} type="submit" disabled=${by.trim() === ''} onClick=${() => advance(by.trim())}>Advance<//>
      </form>
    </section>
    <section class="card">
      <h2>Set</h2>
      <form class="inline" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
        <${TextField} label="Date and time, UTC" value=${at} onInput=${setAt} placeholder=${now.slice(0, 19).replace('T', ' ')} />
        <${Button} type="submit" disabled=${at.trim() === ''} onClick=${() => set('PUT', 'clock', { mode: 'frozen', now: toInstant() }, 'The clock is frozen there.')}>Freeze there<//>
        <${Button} disabled=${at.trim() === ''} onClick=${() => set('PUT', 'clock', { mode: 'offset', now: toInstant() }, 'The clock runs from there.')}>Run from there<//>
      </form>
    </section>
  `
}

/** The time of a clock as it runs. @param {import('./api.js').ClockState | undefined} clock */
function useTicking(clock) {
  const [seen, setSeen] = useState(0)
  useEffect(() => {
    const start = performance.now()
    setSeen(0)
    if (!clock || clock.mode === 'frozen') return
    const timer = setInterval(() => setSeen(performance.now() - start), 250)
    return () => clearInterval(timer)
  }, [clock])
  return clock ? new Date(Date.parse(clock.now) + seen).toISOString() : '—'
}
