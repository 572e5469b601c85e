/** `npm run kafka`: one Kafka broker on this machine, to try revwall on it, and for the tests. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { getJars, LauncherError } from './get-jars.ts'
import { startBroker } from './start-broker.ts'

const HELP = `Usage: npm run kafka -- [--port N] [--folder F] [--set NAME=VALUE]…

Starts one Kafka broker on 127.0.0.1 and prints its address and how to start revwall on it. Ctrl-C ends it. Needs Java 17
or newer; the first start gets Kafka's jars with Maven.

  --port N           port (default: 9092; 0 takes a free one)
  --folder F         folder of its records (default: .revwall-kafka); delete it to begin anew
  --set NAME=VALUE   a property of the server
  --with-parent      ends when its standard input does: for programs that start it`

process.exitCode = await main()

async function main(): Promise<number> {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '9092' },
        folder: { type: 'string', default: '.revwall-kafka' },
        set: { type: 'string', multiple: true, default: [] },
        'with-parent': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) return print(HELP)
    const port = Number(values.port)
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new LauncherError(`--port takes a whole number up to 65535, not ${values.port}`)
    return await run({ port, folder: resolve(values.folder), properties: propertiesOf(values.set) }, values)
  } catch (error) {
    const isExpected = error instanceof LauncherError || isUsageError(error)
    process.stderr.write(`kafka: ${isExpected ? (error as Error).message : (error as Error).stack}\n`)
    return 1
  }
}

async function run(
  options: { port: number; folder: string; properties: Record<string, string> },
  flags: { 'with-parent'?: boolean },
): Promise<number> {
  const { folder: jars, version } = getJars(print)
  const broker = await startBroker({ ...options, jars })
  print(
    `Kafka ${version} is at ${broker.address}   (pid ${broker.pid}, data in ${options.folder}; Ctrl-C ends it)`,
  )
  print(`KAFKA_BROKERS=${broker.address} npm start`)
  const stopped = new Promise<'stop'>((tell) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => tell('stop'))
    if (flags['with-parent']) process.stdin.on('end', () => tell('stop')).resume()
  })
  const why = await Promise.race([stopped, broker.ended])
  // What is left of the input must not keep the process.
  process.stdin.destroy()
  if (why !== 'stop')
    throw new LauncherError(`Kafka ended by itself; kafka.log in ${options.folder} says why`)
  await broker.stop()
  return 0
}

function propertiesOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new LauncherError(`--set takes NAME=VALUE, not ${pair}`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

function isUsageError(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
}

function print(line: string): number {
  process.stdout.write(`${line}\n`)
  return 0
}
