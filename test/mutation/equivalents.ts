// Changes that no test can notice, since nothing that the program does depends on them, and why. Each is named by its
// file, what stood there and what replaced it.

export interface Equivalent {
  file: string
  was: string
  became: string
  why: string
}

export const equivalents: readonly Equivalent[] = [
  {
    file: 'src/account/faults.ts',
    was: 'active.random() < probability',
    became: 'active.random() <= probability',
    why: 'They differ only where a draw is the probability to the last of 32 bits, for which nobody has asked.',
  },
]
