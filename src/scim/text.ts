// The one rule for the texts of a user (U-25).

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
