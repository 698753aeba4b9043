// On which Nodes the package runs, and what it says on others; test/package tries the real ones.

import { expect, test } from 'vitest'
import { findNodeProblem } from '../src/package.ts'

test.each(['22.14.0', '22.14.1', '22.15.0', '24.0.0', '26.3.1', '26.0.0-nightly20270101'])(
  'Node %s will do',
  running => {
    expect(findNodeProblem(running)).toBeUndefined()
  },
)

test.each(['14.21.3', '20.20.2', '22.12.0', '22.13.1', '23.9.0', '25.0.0', '27.0.0'])('Node %s will not', running => {
  expect(findNodeProblem(running)).toBe(`insightly-scim needs Node 22.14 or newer (22, 24 or 26); this is ${running}.`)
})
