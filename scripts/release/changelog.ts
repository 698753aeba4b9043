// CHANGELOG.md, in the form of keepachangelog.com: what changed since the last release, then a section for each.

/** What the section of a version, or the one called Unreleased, says; undefined where there is none. */
export function toNotes(changelog: string, version: string): string | undefined {
  const section = changelog.split(/^## /m).find(each => each.startsWith(`[${version}]`))
  return section?.slice(section.indexOf('\n')).trim()
}

/** The changelog of a release: what was unreleased becomes its section. One that has the section stays as it is. */
export const toReleased = (changelog: string, version: string, date: string): string =>
  toNotes(changelog, version) === undefined
    ? changelog.replace('## [Unreleased]', `## [Unreleased]\n\n## [${version}] - ${date}`)
    : changelog
