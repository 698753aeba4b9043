// Which part of a document is shown: what `attributes` and `excludedAttributes` ask for (RFC 7644 §3.9, U-05).

import { quote } from '../errors.ts'
import { attribute, findAttribute, parentOf, rows } from './attribute.ts'
import type { Note } from './rules.ts'

type Document = Record<string, unknown>

/** What a client asked to see of users. */
export interface Projection {
  /** The part of a document that is shown. */
  show(document: Document): Document
  /** Says so when everything that `attributes` names is unknown. */
  notes: Note[]
}

/**
 * Reads the two parameters; undefined when users are shown whole.
 * `attributes` counts before `excludedAttributes`, an empty list counts as absent, and unknown names are ignored.
 */
export function toProjection(attributes = '', excludedAttributes = ''): Projection | undefined {
  if (attributes === '' && excludedAttributes === '') return undefined
  const included = toNames(attributes)
  const names = included.length > 0 ? included : toNames(excludedAttributes)
  if (names.length === 0) return undefined
  const isIncluding = names === included
  const named = new Set(names.map(name => findAttribute(name)?.path))
  const isShown = (path: string): boolean => {
    const row = attribute(path)
    if (row.returned === 'always') return true
    const isNamed = named.has(path) || named.has(parentOf(row) ?? path)
    return isNamed === isIncluding
  }
  const shown = new Set(rows.map(row => row.path).filter(isShown))
  const toShownPart = (value: Document, parent: string): Document =>
    Object.fromEntries(Object.entries(value).filter(([name]) => shown.has(`${parent}.${name}`)))
  const isUnknown = isIncluding && [...named].every(path => path === undefined)
  return {
    show: document =>
      Object.fromEntries(
        Object.entries(document).flatMap(([name, value]): [string, unknown][] => {
          if (attribute(name).type !== 'complex') return shown.has(name) ? [[name, value]] : []
          const part = Array.isArray(value)
            ? value.map(each => toShownPart(each as Document, name))
            : toShownPart(value as Document, name)
          return Object.keys(Array.isArray(part) ? part[0]! : part).length > 0 ? [[name, part]] : []
        }),
      ),
    notes: isUnknown
      ? [
          {
            rule: 'U-05',
            text: `\`attributes\` names nothing that is served (${quote(attributes)}), so only \`id\` and \`schemas\` were shown`,
          },
        ]
      : [],
  }
}

const toNames = (list: string): string[] =>
  list
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
