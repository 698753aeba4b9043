// Durations as people write them in every place: `500ms`, `2s`, `5m`, or ISO 8601 from days to seconds (`PT1H`).

/** Every form that is accepted. */
export const durationForm =
  /^(-?)(?:(\d{1,12})(ms|s|m)|P(?=.)(?:(\d{1,7})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12}(?:\.\d{1,3})?)S)?)?)$/

/** What is accepted, in words. */
export const durationWords = '500ms, 2s, 5m, or an ISO 8601 duration of days to seconds, such as PT1H'

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000 }

/** Reads a duration in milliseconds; undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const found = durationForm.exec(text)
  if (!found) return undefined
  const [, sign, amount, unit, ...parts] = found
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map(part => Number(part ?? 0))
  const milliseconds = unit
    ? Number(amount) * units[unit]!
    : Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
  return sign ? -milliseconds : milliseconds
}
