// The files that tell the version, beside package.json, which has it first, and what is generated.

/** One of our artifacts, by its number. */
const ownArtifact = /(<artifactId>insightly-scim[\w-]*<\/artifactId>\s*<version>)[^<$]+(<\/version>)/g

/** Each file with the form of what tells the version: two groups, before it and after it. */
export const versionPlaces: readonly (readonly [file: string, form: RegExp])[] = [
  ['Dockerfile', /(image\.version=")[^"]*(")/g],
  ['deploy/devcontainer-feature/devcontainer-feature.json', /(^ {2}"version": ")[^"]*(")/gm],
  ['clients/python/pyproject.toml', /(^version = ")[^"]*(")/gm],
  ['clients/java/pom.xml', ownArtifact],
  ['clients/java/insightly-scim/pom.xml', ownArtifact],
  ['clients/java/insightly-scim-testcontainers/pom.xml', ownArtifact],
  ['clients/java/insightly-scim/src/main/java/insightlyscim/Insightly.java', /(String VERSION = ")[^"]*(")/g],
  ['docs/junit5.md', ownArtifact],
  ['docs/testcontainers.md', ownArtifact],
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
