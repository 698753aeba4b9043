// What is mutated: the modules, the files of each, and the score that each must reach.

export interface Module {
  name: string
  files: readonly string[]
  /** How many of 100 changes the tests must notice; undefined where no figure is promised. */
  goal?: number
  /** The tests that judge it, all but those of the commands where nothing is said: they speak to it from far. */
  tests?: readonly string[]
}

export const modules: readonly Module[] = [
  { name: 'scim', files: ['src/scim/*.ts'], goal: 95 },
  {
    name: 'users',
    files: ['src/account/users/{users,user-table,records,user-sql,positions,documents}.ts', 'src/insightly/*.ts'],
    goal: 95,
  },
  {
    name: 'instances',
    files: [
      'src/account/{instance,instances,settings,clock,rate-limit,faults}.ts',
      'src/account/secrets/secrets.ts',
      'src/account/files/{database,migrations,folder-lock,data-folder,backup,backup-files,restore}.ts',
    ],
    goal: 95,
  },
  {
    name: 'state',
    files: [
      'src/account/{state,profile}.ts',
      'src/account/users/{staged-users,snapshots}.ts',
      'src/control/{state,state-stream}.ts',
    ],
    goal: 95,
  },
  {
    name: 'journal',
    files: [
      'src/account/{exchange,journal,journal-memory}.ts',
      'src/account/secrets/{readings,known-secrets,mask,mask-json,json-tokens}.ts',
      'src/control/{entries,curl,har,request-match,requests,search,replay,verification}.ts',
    ],
    goal: 95,
    tests: ['test/{account,http,control,security,regressions}/**/*.test.ts', 'test/agreement/openapi.test.ts'],
  },
  {
    name: 'http',
    files: ['src/http/*.ts', 'src/{paths,errors}.ts'],
    goal: 95,
    tests: ['test/*.test.ts', 'test/{http,control,shadow,security,regressions}/**/*.test.ts'],
  },
  {
    name: 'control',
    files: [
      'src/control/{clock,control,durations,events,faults,instance-creation,instances,route,slices,users,waiting}.ts',
    ],
  },
  {
    name: 'calibrate',
    files: ['src/commands/calibrate/*.ts', 'src/commands/endpoint.ts'],
    goal: 85,
    tests: ['test/commands/calibrate/*.test.ts'],
  },
  { name: 'shadow', files: ['src/shadow/*.ts'], tests: ['test/shadow/*.test.ts', 'test/commands/compare/*.test.ts'] },
  { name: 'compare', files: ['src/commands/compare/*.ts'], goal: 85, tests: ['test/commands/compare/*.test.ts'] },
]
