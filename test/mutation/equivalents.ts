// Changes that no test can notice, since nothing that the program does depends on them, and why. Each is named by its
// file, what stood there and what replaced it.

export interface Equivalent {
  file: string
  was: string
  became: string
  why: string
}

export const equivalents: readonly Equivalent[] = []
