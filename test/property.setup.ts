// Gives every property test the seed of the run.

import fc from 'fast-check'
import { inject } from 'vitest'

const path = process.env.PROPERTY_PATH

fc.configureGlobal({ seed: inject('propertySeed'), ...(path !== undefined && { path, endOnFailure: true }) })
