// Forms that real clients send although no RFC has them. They are read here and nowhere else (U-16, D-08), and each names
// the clients that send it.

/**
 * Reads a boolean as clients write it.
 * Microsoft Entra ID sends `"True"` and `"False"`, some other clients send the words in lower case.
 * @returns undefined for anything else
 */
export function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (value === 'True' || value === 'true') return true
  if (value === 'False' || value === 'false') return false
  return undefined
}

/** Reads a PATCH operation's name: Entra ID capitalises it (`"Replace"`). */
export const readOperationName = (value: string): string => value.toLowerCase()

/**
 * Finds a member by its name in any letter case: .NET clients send `UserName` and `OPERATIONS`.
 * Of several spellings the last one counts.
 */
export function findMember(object: object, name: string): unknown {
  let found: string | undefined
  const wanted = name.toLowerCase()
  for (const key of Object.keys(object))
    if (key === name || (key.length === name.length && key.toLowerCase() === wanted)) found = key
  return found === undefined ? undefined : (object as Record<string, unknown>)[found]
}

/** Whether a member of a full document counts as not sent: Okta sends `"groups": []`, many send nulls (U-12). */
export const isAbsent = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0)
