// How often property tests are tried. Their seed is that of the run, which property-seed.ts chooses and prints.

const { PROPERTY_RUNS } = process.env

/** How often a property is tried: as said here, unless PROPERTY_RUNS says otherwise. */
export const repeat = (numRuns: number): { numRuns: number } => ({
  numRuns: PROPERTY_RUNS === undefined ? numRuns : Number(PROPERTY_RUNS),
})
