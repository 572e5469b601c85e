/** A redis-server for one test file, on a free port, with its data in a temporary folder. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

export interface TestRedis {
  url: string
  /** To look into it beside what is tested. */
  client: Redis
  kill(): Promise<void>
  /** The same port again; empty, unless `save` was called before. */
  restart(): Promise<void>
  save(): Promise<void>
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** Why the tests of Redis are left out here; never on CI, where whatever is missing fails. */
export function whyNoRedis(): string | undefined {
  if (process.env.CI) return undefined
  const { status } = spawnSync('redis-server', ['--version'], { stdio: 'ignore' })
  return status === 0 ? undefined : 'redis-server is not installed'
}

export async function startTestRedis(options: { password?: string } = {}): Promise<TestRedis> {
  const { password } = options
  const folder = mkdtempSync(join(tmpdir(), 'revwall-redis-'))
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  if (password !== undefined) args.push('--requirepass', password)
  let server = await launch(args)
  const client = new Redis({ port, password, protocol: 2, retryStrategy: () => 50 })
  client.on('error', () => {
    // It is killed on purpose.
  })
  const kill = async () => {
    server.kill('SIGKILL')
    await gone(server)
  }
  return {
    url: `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`,
    client,
    kill,
    async restart() {
      await kill()
      server = await launch(args)
    },
    save: async () => void (await client.save()),
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async stop() {
      client.disconnect()
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function launch(args: readonly string[]): Promise<ChildProcess> {
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('exit', () => reject(new Error(`no redis-server: ${said}`)))
    server.stdout.on('data', (chunk: Buffer) => {
      said += chunk
      if (said.includes('Ready to accept connections')) resolve()
    })
  })
  // A test run that is broken off leaves none behind.
  const killIt = () => void server.kill('SIGKILL')
  process.once('exit', killIt)
  server.once('exit', () => process.off('exit', killIt))
  return server
}

async function gone(server: ChildProcess): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const taken = createServer().listen(0, '127.0.0.1', () => {
      const { port } = taken.address() as { port: number }
      taken.close(() => resolve(port))
    })
  })
}
