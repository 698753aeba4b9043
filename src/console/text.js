// Texts of strangers, shown so that nothing in them can hide: characters that turn the reading direction, that have no
// width or that move the cursor are named in their places, and what is empty says so. Pure, but for the component.

import { html } from './html.js'

/** Controls of direction and width, and all others but the line breaks and tabs that bodies are made of. */
const hidden =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each stands for itself
  /([\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb])/

/** The parts of a text; those at odd places are hidden characters. @param {string} text */
const split = text => text.split(hidden)

/** The name of a character, as `U+202E`. @param {string} character */
const toName = character => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** A text in which hidden characters are named. @param {string} text */
export const toPlain = text =>
  split(text)
    .map((part, index) => (index % 2 === 1 ? `‹${toName(part)}›` : part))
    .join('')

/** The text of a value, or words that say that it has none. @param {string | null | undefined} value @param {string} [missing] */
export function toShown(value, missing = 'none') {
  if (value === null || value === undefined) return missing
  if (value === '') return '(empty)'
  return /^\s+$/.test(value) ? `(${value.length} blank${value.length === 1 ? '' : 's'})` : toPlain(value)
}

/** A text of a stranger, isolated from the direction of what is around it. @param {{ text: string }} props */
export function Text({ text }) {
  if (!hidden.test(text)) return html`<bdi>${text}</bdi>`
  return html`<bdi>${split(text).map((part, index) =>
    index % 2 === 1
      ? html`<span class="hiddenCharacter" title="A character that cannot be seen">${toName(part)}</span>`
      : part,
  )}</bdi>`
}
