// How a reader gets the program. The pages show what stands here, in their generated sections; publishing.json says
// whether it is published, and under which names.

import { version } from '../src/package.ts'
import { readPublishing } from './release/publishing.ts'

const { isPublished, npm, pypi, goModule, image, repository } = readPublishing()

/** The file that `npm pack` makes in a clone. */
const packed = `insightly-scim-${version}.tgz`

/** The file that clients/python/pack.py makes in a clone. */
const wheel = `${pypi.replaceAll('-', '_')}-${version}-py3-none-any.whl`

/** What pip installs: a name that PyPI knows, or the file. */
export const installedByPip = isPublished ? pypi : `./${wheel}`

/** What the pages install: a name that npm knows, or the file. Programs import it by the same name whatever its scope. */
export const installed = isPublished ? toAlias(npm) : `./${packed}`

function toAlias(name: string): string {
  return name === 'insightly-scim' ? name : `insightly-scim@npm:${name}`
}

/** Puts the Java packages of a clone into the local repository of Maven. */
const installJava = 'mvn --quiet --batch-mode --file clients/java -Dmaven.test.skip install'

const toBlock = (...commands: string[]): string => `\`\`\`sh\n${commands.join('\n')}\n\`\`\``

/** A block that no test runs as it stands. */
const toConsole = (...commands: string[]): string => `\`\`\`console\n${commands.join('\n')}\n\`\`\``

/** The name of the archive of an executable in a release. */
const archive = `insightly-scim-${version}-linux-x64.tar.gz`

const toSection = (unpublished: string, ...commands: string[]): string =>
  isPublished ? toBlock(...commands) : `${unpublished}\n\n${toBlock(...commands)}`

const copyFirst = `The package is not published yet: copy \`${packed}\`, which \`npm ci\` and \`npm pack\` make in a clone of this
repository, into the folder of your project. Once it is published, \`insightly-scim\` takes the place of \`${installed}\`.`

/** The sections of the pages, by their names. */
export const installation = {
  /** For a project of Node's, which keeps the package among its development dependencies. */
  'install-node': toSection(copyFirst, `npm install --save-dev ${installed}`),
  /** The same with the runner of the README's example. */
  'install-vitest': toSection(
    `In your project, with a copy of \`${packed}\`:`,
    `npm install --save-dev ${installed} vitest`,
    'npx vitest run',
  ),
  /** For a project in another language: \`--prefix\` keeps npm from looking for a package.json further up. */
  'install-elsewhere': toSection(copyFirst, `npm install --prefix . --no-save ${installed}`),
  /** For a project in Go: the server, and the module of `clients/go`. */
  'install-go': isPublished
    ? toBlock(`npm install --prefix . --no-save ${installed}`, `go get ${goModule}@v${version}`)
    : `Neither is published yet: copy \`${packed}\`, which \`npm ci\` and \`npm pack\` make in a clone of this repository, and
the clone's \`clients/go\`, with that path, into the folder of your project. Once they are published, the last line is
\`go get ${goModule}@v${version}\`.

${toBlock(
  `npm install --prefix . --no-save ${installed}`,
  `go mod edit -require=${goModule}@v${version} -replace=${goModule}=./clients/go`,
)}`,
  /** For a project in Go that runs the server in a container: both modules. */
  'install-go-testcontainers': isPublished
    ? toBlock(`go get ${goModule}/testcontainers@v${version}`)
    : `It is not published yet: copy \`clients/go\` of a clone of this repository, with that path, into the folder of your
module. Once it is published, this is \`go get ${goModule}/testcontainers@v${version}\`.

${toBlock(
  ...['', '/testcontainers'].map(
    module =>
      `go mod edit -require=${goModule}${module}@v${version} -replace=${goModule}${module}=./clients/go${module}`,
  ),
  'go mod tidy',
)}`,
  /** For a project in Python, whose package brings the server. */
  'install-python': toSection(
    `The package is not published yet: copy \`${wheel}\`, which \`npm ci\` and
\`python3 clients/python/pack.py\` make in a clone of this repository, into the folder of your project. Once it is
published, \`insightly-scim\` takes the place of \`${installedByPip}\`.`,
    `pip install pytest ${installedByPip}`,
  ),
  /** For a project in Java: the server, and the package of `clients/java` where no repository has it yet. */
  'install-java': toSection(
    `Neither is published yet: copy \`${packed}\`, which \`npm ci\` and \`npm pack\` make in a clone of this repository, and
the clone's \`clients/java\`, with that path, into the folder of your project. Once they are published, the last line is
not needed.`,
    `npm install --prefix . --no-save ${installed}`,
    ...(isPublished ? [] : [installJava]),
  ),
  /** For a project in Java that runs the server in a container. */
  'install-java-testcontainers': isPublished
    ? 'Maven Central has it.'
    : `It is not published yet: copy \`clients/java\` of a clone of this repository, with that path, into the folder of your
project. Once it is published, this is not needed.

${toBlock(installJava)}`,
  /** The image, with a terminal and a port of its own. */
  'run-image': isPublished
    ? toConsole(`docker run --rm -it -p 8080:8080 ${image}:${version}`)
    : `No registry has the image yet; in a clone of this repository:\n\n${toConsole(
        'docker build -t insightly-scim .',
        'docker run --rm -it -p 8080:8080 insightly-scim',
      )}`,
  /** The command as one file. */
  'run-executable': isPublished
    ? `Each [release](${repository}/releases) has it for every system:\n\n${toConsole(
        `curl -fsSL ${repository}/releases/download/v${version}/${archive} | tar -xz`,
        './insightly-scim',
      )}`
    : `There is no release yet. In a clone of this repository, after \`npm ci\`, this makes it for your own machine and runs it:\n\n${toConsole(
        'npm run build:executable',
        'executables/linux-x64/insightly-scim',
      )}`,
  /** To run the command once, from anywhere. */
  run: toSection(
    `\`npm pack\` in the clone makes the file that this runs, in any folder that has a copy of it. Once the package is
published, it is \`npx insightly-scim\`.`,
    `npx --yes ${isPublished ? npm : installed}`,
  ),
  'run-public': toSection(
    `The package is not published yet: \`npm ci\` and \`npm pack\` in a clone of this repository make \`${packed}\`; run it in
the folder where that file is. Once it is published, \`insightly-scim\` takes the place of \`${installed}\`.`,
    `npx --yes ${isPublished ? npm : installed} --data ./data --public-url https://my-tunnel.example.com`,
  ),
} as const
