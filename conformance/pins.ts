// The pinned versions of the tools, read from what pins them.

import { readFileSync } from 'node:fs'
import { toolsFolder } from './tool.ts'

function find(file: string, pattern: RegExp): string {
  const version = pattern.exec(readFileSync(toolsFolder + file, 'utf8'))?.[1]
  if (!version) throw new Error(`${file} pins nothing that matches ${pattern}`)
  return version
}

/** The version of a Python tool. */
export const pythonVersion = (name: string): string => find('requirements.txt', new RegExp(`^${name}==(.+)$`, 'm'))

/** The version of an npm tool, as installed. */
export const npmVersion = (name: string): string =>
  JSON.parse(readFileSync(`${toolsFolder}node_modules/${name}/package.json`, 'utf8')).version

/** The version of a Go module. */
export const goVersion = (path: string): string => find('go/go.mod', new RegExp(`^\\t${path} v(\\S+)`, 'm'))

/** The version of a Maven artifact, which one of the files in tools/java pins. */
export const javaVersion = (artifact: string, file = 'pom.xml'): string =>
  find(`java/${file}`, new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>(.+)</version>`))
