// The routes of an instance's clock: read, set and advance it.

import * as z from 'zod/mini'
import { type ClockMode, clockModes } from '../account/clock.ts'
import type { Instance } from '../account/instance.ts'
import { date } from '../account/state.ts'
import { durationForm, durationWords, parseDuration } from './durations.ts'
import { type ControlApp, instant, named, ofInstance } from './route.ts'

const mode = z.enum(clockModes)

const clock = named('Clock', z.strictObject({ mode, now: instant }))

const setting = named(
  'ClockSetting',
  z.strictObject({ mode, now: z.optional(date) }).check(
    z.refine(({ mode, now }) => mode !== 'real' || now === undefined, 'no now with real'),
    z.meta({
      not: { properties: { mode: { const: 'real' satisfies ClockMode }, now: {} }, required: ['mode', 'now'] },
    }),
  ),
)

const advance = named(
  'ClockAdvance',
  z.strictObject({
    by: z.string().check(
      z.regex(durationForm, durationWords),
      // Narrower than the check: most longer times would leave the years that the clock may show.
      z.meta({
        pattern:
          '^-?([0-9]{1,10}ms|[0-9]{1,7}s|[0-9]{1,5}m|P(?=.)([0-9]{1,3}D)?(T(?=.)([0-9]{1,4}H)?([0-9]{1,5}M)?([0-9]{1,7}([.][0-9]{1,3})?S)?)?)$',
      }),
    ),
  }),
)

/** Registers the routes of the clock. */
export function clockRoutes(app: ControlApp): void {
  app.get(
    '/instances/:name/clock',
    { schema: { operationId: 'getClock', summary: 'The clock', params: ofInstance, response: { 200: clock } } },
    ({ instance }) => tell(instance),
  )

  app.put(
    '/instances/:name/clock',
    {
      schema: {
        operationId: 'setClock',
        summary: 'Sets the clock',
        params: ofInstance,
        body: setting,
        response: { 200: clock },
      },
    },
    ({ instance, body: { mode, now } }) => {
      instance.clock.set(mode, now === undefined ? undefined : Date.parse(now))
      return tell(instance)
    },
  )

  app.post(
    '/instances/:name/clock/advance',
    {
      schema: {
        operationId: 'advanceClock',
        summary: 'Moves the clock; a real one becomes an offset one',
        params: ofInstance,
        body: advance,
        response: { 200: clock },
      },
    },
    ({ instance, body: { by } }) => {
      instance.clock.advance(parseDuration(by)!)
      return tell(instance)
    },
  )
}

const tell = ({ clock }: Instance) => ({ mode: clock.mode, now: new Date(clock.now()).toISOString() })
