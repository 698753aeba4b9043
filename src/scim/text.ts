// The one rule for the texts of a user (U-25).

/** Finds what a text would have to be; undefined when it can be stored as it is. */
export function findTextProblem(text: string): string | undefined {
  // A character is at most two code units, so a very long text need not be counted.
  if (text.length > 510 || (text.length > 255 && [...text].length > 255)) return 'at most 255 characters'
  if (/[\x00-\x1f]/.test(text)) return 'a string without control characters'
  return text.isWellFormed() ? undefined : 'a string without unpaired surrogates'
}
