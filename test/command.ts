// The command that the tests of the command line start: the source, or the executable that EXECUTABLE names.

const { EXECUTABLE } = process.env

/** The program and its first arguments. */
export const command: readonly [program: string, ...args: string[]] = EXECUTABLE
  ? [EXECUTABLE]
  : [process.execPath, new URL('../src/cli.ts', import.meta.url).pathname]
