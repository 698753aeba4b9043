// Templates: htm bound to Preact. Everything put into one is text or an attribute, never markup.

import htm from 'htm'
import { h } from 'preact'

/** Makes Preact nodes of a template. */
export const html = htm.bind(h)
