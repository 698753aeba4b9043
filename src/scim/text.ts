// The one rule for the texts that a user is made of (U-25).

/** What a text should be and is not; undefined for one that can be stored. */
export function findTextProblem(text: string): string | undefined {
  if (text.length > 255 && [...text].length > 255) return 'at most 255 characters'
  if (/[\x00-\x1f]/.test(text)) return 'a string without control characters'
  return text.isWellFormed() ? undefined : 'a string without unpaired surrogates'
}
