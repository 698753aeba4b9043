// The files that tell the version, beside package.json, which has it first, and what is generated.

/** Each file with the form of what tells the version: two groups, before it and after it. */
export const versionPlaces: readonly (readonly [file: string, form: RegExp])[] = [
  ['Dockerfile', /(image\.version=")[^"]*(")/g],
  ['clients/python/pyproject.toml', /(^version = ")[^"]*(")/gm],
  ['clients/go/insightly.go', /(^const Version = ")[^"]*(")/gm],
  ['clients/go/testcontainers/go.mod', /(^\t\S+\/clients\/go v)\S*()/gm],
]

/** The versions that a text tells in that form. */
export const readVersions = (text: string, form: RegExp): string[] =>
  Array.from(text.matchAll(form), ([all, before = '', after = '']) =>
    all.slice(before.length, all.length - after.length),
  )

/** The text with another version. */
export const withVersion = (text: string, form: RegExp, version: string): string =>
  text.replace(form, (_, before: string, after: string) => before + version + after)
