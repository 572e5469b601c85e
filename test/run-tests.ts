/**
 * `npm test`: brings what the tests need, checks types, style and the page, and runs all tests. On CI what is missing
 * fails; nothing is skipped there.
 */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Debian's packages that the tests need, and a file by which each is known to be there. */
const PACKAGES = [
  { name: 'chromium', file: '/usr/bin/chromium', why: 'the tests of the page run in a real browser' },
  {
    name: 'openjdk-17-jre-headless',
    file: '/usr/bin/java',
    why: 'the tests of the log on Kafka run a real broker',
  },
  {
    name: 'redis-server',
    file: '/usr/bin/redis-server',
    why: 'the tests of what api processes share run a real Redis',
  },
  { name: 'maven', file: '/usr/bin/mvn', why: 'it gets the jars of that broker' },
  { name: 'git', file: '/usr/bin/git', why: 'one test clones the repository into an empty folder' },
]

const CHECKS: [what: string, command: string, ...args: string[]][] = [
  ['types', 'tsc', '-p', '.'],
  [
    'the page: types',
    'svelte-check',
    '--tsconfig',
    'ui/tsconfig.json',
    '--fail-on-warnings',
    '--output',
    'human',
  ],
  ['format and lint', 'biome', 'ci', '.'],
  ['the page: build', 'vite', 'build', 'ui', '--logLevel', 'warn'],
  ['the program: build', '../../bin/build.js'],
]

/** What has to be fast in wall time runs alone, when the other tests are through. */
const TIMED = 'test/promises'

process.exitCode = main(process.argv.slice(2))

function main(filters: string[]): number {
  if (!installPackages()) return 1
  if (filters.length === 0) {
    for (const [what, command, ...args] of CHECKS) {
      say(`checking ${what}`)
      if (run(`node_modules/.bin/${command}`, args) !== 0) return fail(`${what}: see above`)
    }
  }
  say('running the tests')
  const code = filters.length > 0 ? vitest(...filters) : vitest('--exclude', `${TIMED}/**`) || vitest(TIMED)
  say(
    'left to `npm run bench`: how fast it is, an hour of load, bases of 10 to 30 million orders. Left to `npm run campaign`: more seeds of random faults.',
  )
  return code
}

function vitest(...args: string[]): number {
  return run('node_modules/.bin/vitest', ['run', ...args])
}

function installPackages(): boolean {
  const missing = PACKAGES.filter(({ file }) => !existsSync(file))
  if (missing.length === 0) return true
  for (const { name, why } of missing) say(`${name} is missing: ${why}`)
  const names = missing.map(({ name }) => name)
  if (!canInstall()) {
    fail(`install it: apt-get install -y --no-install-recommends ${names.join(' ')} (as root, or with sudo)`)
    return false
  }
  say(`installing ${names.join(', ')} with apt-get`)
  run('apt-get', ['update', '-q'])
  const install = ['install', '-y', '-q', '--no-install-recommends', ...names]
  if (run('apt-get', install) === 0) return true
  // dpkg sometimes stumbles over the order of the packages; what it left half done is mended, then tried once more.
  run('apt-get', ['-f', 'install', '-y', '-q'])
  if (run('apt-get', install) === 0) return true
  fail(`apt-get could not install ${names.join(', ')}`)
  return false
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
}

function run(command: string, args: string[]): number {
  const options: SpawnSyncOptions = {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }
  return spawnSync(command, args, options).status ?? 1
}

function say(text: string): void {
  process.stdout.write(`— ${text}\n`)
}

function fail(text: string): number {
  process.stderr.write(`npm test: ${text}\n`)
  return 1
}
