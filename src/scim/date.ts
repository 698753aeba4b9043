// How SCIM writes a date (RFC 7643 §2.3.5).

// The day that was written last. Most dates of a run share it, and toISOString costs more than the rest of a document.
let day = Number.NaN
let dayText = ''
// The instant that was written last: the two dates of a new user are the same.
let instant = Number.NaN
let instantText = ''

const twoDigits = (value: number): string => (value < 10 ? `0${value}` : `${value}`)

/** A date in milliseconds since 1970 as `toISOString` writes it. */
export function toIsoDate(milliseconds: number): string {
  if (milliseconds === instant) return instantText
  const today = Math.floor(milliseconds / 86_400_000)
  if (today !== day) {
    const text = new Date(today * 86_400_000).toISOString()
    dayText = text.slice(0, text.indexOf('T') + 1)
    day = today
  }
  const time = milliseconds - today * 86_400_000
  const hours = twoDigits(Math.floor(time / 3_600_000))
  const minutes = twoDigits(Math.floor(time / 60_000) % 60)
  const seconds = twoDigits(Math.floor(time / 1000) % 60)
  instant = milliseconds
  instantText = `${dayText}${hours}:${minutes}:${seconds}.${String(time % 1000).padStart(3, '0')}Z`
  return instantText
}
