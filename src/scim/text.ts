// The texts of a user: which can be stored (U-25), and how two are compared without regard to letter case.

/** How many characters a text may have. */
const longest = 255

/** The rule as JSON Schema says it. */
export const textSchema = { maxLength: longest, pattern: '^[^\\x00-\\x1f]*$' }

/** Finds what a text would have to be; undefined when it can be stored as it is. */
export function findTextProblem(text: string): string | undefined {
  // A character is at most two code units, so a very long text need not be counted.
  if (text.length > 2 * longest || (text.length > longest && [...text].length > longest))
    return `at most ${longest} characters`
  if (/[\x00-\x1f]/.test(text)) return 'a string without control characters'
  return text.isWellFormed() ? undefined : 'a string without unpaired surrogates'
}

/**
 * Folds letter case as Unicode does: two values that differ only in letter case become the same text.
 * The dotless ı stays as it is, because its upper case is the I of i. The two small sigmas become one.
 */
export function foldCase(value: string): string {
  if (/^[\x00-\x7f]*$/.test(value)) return value.toLowerCase()
  return value
    .split('ı')
    .map(part => part.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ'))
    .join('ı')
}
