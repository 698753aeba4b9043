// How property tests are repeated: fast-check prints the seed of a failure, and PROPERTY_SEED sets it.

const { PROPERTY_SEED, PROPERTY_RUNS } = process.env

/** How often a property is tried: as said here, unless PROPERTY_RUNS says more; with the seed of PROPERTY_SEED, if any. */
export const repeat = (numRuns: number): { numRuns: number; seed?: number } => ({
  numRuns: PROPERTY_RUNS === undefined ? numRuns : Number(PROPERTY_RUNS),
  ...(PROPERTY_SEED !== undefined && { seed: Number(PROPERTY_SEED) }),
})
