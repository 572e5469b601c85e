/** Kafka's jars, copied once by Maven into a folder out of git that is named after what pom.xml asks for. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../core/runtime/program.ts'

const POM = join(ROOT, 'deploy/kafka/pom.xml')
const CACHE = join(ROOT, 'node_modules/.cache/revwall-kafka')

/** What is expected to go wrong: told without a stack. */
export class LauncherError extends Error {}

export interface Jars {
  folder: string
  /** Of Kafka. */
  version: string
}

/** Takes half a minute the first time, and the network. Throws `LauncherError` that says what to install. */
export function getJars(tell: (line: string) => void): Jars {
  const pom = readFileSync(POM, 'utf8')
  const version = /kafka_2\.13<\/artifactId>\s*<version>([^<]+)/.exec(pom)![1]!
  const folder = join(CACHE, `${version}-${createHash('sha256').update(pom).digest('hex').slice(0, 12)}`)
  requireProgram('java', '-version', 'Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)')
  if (existsSync(folder)) return { folder, version }
  requireProgram('mvn', '-version', 'Maven (Debian: apt-get install maven)')
  tell(`getting the jars of Kafka ${version} with Maven …`)
  copyJars(folder)
  return { folder, version }
}

/** Copied beside and then moved, so that a folder of this name is always whole. */
function copyJars(folder: string): void {
  const half = `${folder}.${process.pid}`
  mkdirSync(half, { recursive: true })
  try {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${half}`]
    const maven = spawnSync('mvn', ['-q', '-B', '-f', POM, ...goal], { encoding: 'utf8' })
    if (maven.status !== 0)
      throw new LauncherError(`Maven could not get the jars:\n${maven.stdout}${maven.stderr}`)
    // Somebody else may have been faster; theirs is as good.
    if (!existsSync(folder)) renameSync(half, folder)
  } finally {
    rmSync(half, { recursive: true, force: true })
  }
}

function requireProgram(name: string, argument: string, what: string): void {
  const { error, status } = spawnSync(name, [argument], { stdio: 'ignore' })
  if (error || status !== 0) throw new LauncherError(`${name} is missing. Install ${what}.`)
}
