import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import { runRevwall } from './run-revwall.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder('upkeep')
const run = (args: readonly string[], env = {}) => runRevwall(args, { REVWALL_DATA: folder.path, ...env })
let busy: Server

beforeAll(async () => {
  busy = createServer()
  await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
})

afterAll(() => {
  busy.close()
  folder.remove()
})

describe('revwall migrate', () => {
  it('opens a new folder, and changes nothing when it is done again', async () => {
    const first = await run(['migrate'])
    const second = await run(['migrate'])
    console.log(`first: ${lastLine(first.stdout)}; again: ${lastLine(second.stdout)}`)
    expect(first).toMatchObject({ code: 0 })
    expect(first.stderr).toMatch(/migrated: \d+ steps/)
    expect(first.stdout).toContain('1 partitions were opened')
    expect(second).toMatchObject({ code: 0 })
    expect(second.stderr).not.toContain('migrated:')
    expect(second.stdout).toContain('0 partitions were opened')
  })
})

describe('a log that was trimmed', () => {
  const trimmed = join(folder.path, 'trimmed')
  const runThere = (...args: string[]) => runRevwall(args, { REVWALL_DATA: trimmed })

  it('fills no tables and no new run, and says what to do', async () => {
    expect(await runThere('migrate')).toMatchObject({ code: 0 })
    const log = await openEmbeddedLog({ folder: join(trimmed, 'log') })
    const record = {
      partition: 0,
      key: 'k',
      value: Buffer.from('{}'),
      contentType: 'application/json' as const,
    }
    await log.append('orders', [record, record, record])
    await log.trim('orders', 0, 2)
    await log.close()
    const newRun = await runThere('runs', 'new')
    rmSync(join(trimmed, 'clickhouse'), { recursive: true })
    const taken = await runThere('migrate', '--take-log')
    console.log(`${lastLine(newRun.stderr)}\n${lastLine(taken.stderr)}`)
    expect(newRun.code).toBe(1)
    expect(lastLine(newRun.stderr)).toMatch(/begins at offset 2.*LOG_TRIMMED/)
    expect(taken.code).toBe(1)
    expect(lastLine(taken.stderr)).toMatch(/begins at offset 2.*Restore.*REVWALL_DATA.*LOG_TRIMMED/)
  })
})

describe('revwall doctor', () => {
  it('says that all is well', async () => {
    const { code, stdout } = await run(['doctor'])
    console.log(stdout.trim().replaceAll('\n', ' | '))
    expect(code, stdout).toBe(0)
    expect(stdout.match(/^ok /gm)?.length).toBeGreaterThanOrEqual(6)
    expect(stdout).toContain('all is well')
  })

  it('names each thing that fails and what to do about it', async () => {
    const { port } = busy.address() as { port: number }
    const env = { PORT: String(port), CLICKHOUSE_URL: 'http://127.0.0.1:1' }
    const { code, stdout } = await run(['doctor'], env)
    const failures = stdout.match(/^FAIL .*/gm) ?? []
    console.log(`exit ${code}: ${failures.join(' | ')}`)
    expect(code).toBe(1)
    expect(failures).toHaveLength(2)
    expect(failures[0]).toMatch(/port: .*set PORT/)
    expect(failures[1]).toMatch(/clickhouse.*127\.0\.0\.1:1/)
  })
})

const lastLine = (text: string) => text.trim().split('\n').at(-1)
