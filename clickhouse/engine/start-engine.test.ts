import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'

describe('an engine that runs', () => {
  let db: TestEngine
  beforeAll(async () => {
    db = await startTestEngine()
    await db.warehouse.command('CREATE DATABASE kept ENGINE = Atomic')
    await db.warehouse.command('CREATE TABLE kept.rows (n UInt64) ENGINE = MergeTree ORDER BY n')
    await db.warehouse.insert('INSERT INTO kept.rows FORMAT CSV', Buffer.from('7\n'), { queryId: 'kept:0:0' })
  })
  afterAll(() => db.stop())

  test('refuses a second server on its folder and is not disturbed by it', async () => {
    const second = startTestEngine({ folder: db.folder })
    await expect(second).rejects.toMatchObject({ code: 'ENGINE_LOCKED' })
    expect(await db.warehouse.query('SELECT n FROM kept.rows')).toEqual([{ n: '7' }])
  })

  test('keeps passwords and configuration from other users of the machine', () => {
    const run = readdirSync(db.folder).find((name) => name.startsWith('run-'))!
    const files = ['passwords.json', join(run, 'users.xml'), join(run, 'config.xml')]
    for (const file of files) expect(statSync(join(db.folder, file)).mode & 0o777).toBe(0o600)
  })

  test('comes back at the same address with its data after kill -9, as another life', async () => {
    const { engine, warehouse } = db
    const { lifeId, pid } = engine
    const downs: string[] = []
    const forget = engine.on('down', (reason) => downs.push(reason))
    const since = performance.now()
    const up = new Promise<string>((resolve) => engine.on('up', resolve))
    engine.kill()
    const nextLife = await up
    console.log(`restart after kill -9: ${Math.round(performance.now() - since)} ms`)
    forget()
    expect(downs).toEqual(['signal SIGKILL'])
    expect(nextLife).not.toBe(lifeId)
    expect(engine.lifeId).toBe(nextLife)
    expect(engine.pid).not.toBe(pid)
    expect(await warehouse.query('SELECT n FROM kept.rows')).toEqual([{ n: '7' }])
    expect(readdirSync(db.folder).filter((name) => name.startsWith('run-'))).toHaveLength(1)
  })
})

describe('the end of an engine', () => {
  test('a start waits for a server that is about to end', async () => {
    const folder = temporaryFolder()
    const first = await startTestEngine({ folder })
    const second = startTestEngine({ folder })
    let isThere = false
    void second.then(() => {
      isThere = true
    })
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(isThere).toBe(false)
    await first.engine.stop()
    const { warehouse, engine } = await second
    expect(await warehouse.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
    await engine.stop()
  })

  test('stop leaves no process, and the next start knows that it was clean', async () => {
    const folder = temporaryFolder()
    const first = await startTestEngine({ folder })
    expect(first.engine.previousStop).toBe('none')
    await Promise.all([first.engine.stop(), first.engine.stop()])
    expect(isAlive(first.engine.pid)).toBe(false)
    const second = await startTestEngine({ folder })
    expect(second.engine.previousStop).toBe('clean')
    expect(second.engine.password).toBe(first.engine.password)
    await second.stop()
  })

  test('stop during a restart leaves no process either', async () => {
    const { engine, stop } = await startTestEngine()
    const down = new Promise((resolve) => engine.on('down', resolve))
    engine.kill()
    await down
    await stop()
    expect(isAlive(engine.pid)).toBe(false)
    // Were the restart still on its way, a server would answer by now.
    await expect(fetch(`${engine.url}/ping`)).rejects.toThrow()
  })

  test('stop at the very moment when the next life answers ends that one', async () => {
    for (let round = 0; round < 5; round++) {
      const { engine, stop } = await startTestEngine()
      engine.kill()
      await expect.poll(() => answers(engine.url), { timeout: 30_000, interval: 1 }).toBe(true)
      await stop()
      expect(isAlive(engine.pid)).toBe(false)
      expect(await answers(engine.url)).toBe(false)
    }
  })

  test('stop ends a server that does not listen by force, and does not call that clean', async () => {
    const folder = temporaryFolder()
    const { engine } = await startTestEngine({ folder, stopTimeoutMs: 100 })
    process.kill(engine.pid, 'SIGSTOP')
    await engine.stop()
    expect(isAlive(engine.pid)).toBe(false)
    expect(readdirSync(folder)).not.toContain('clean-stop')
    rmSync(folder, { recursive: true })
  })

  test('dies with its parent, kill -9 of the parent included', async () => {
    const folder = temporaryFolder()
    const { parent, enginePid } = await startInParent(folder)
    expect(isAlive(enginePid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isAlive(enginePid), { timeout: 2_000 }).toBe(false)
    const next = await startTestEngine({ folder })
    expect(next.engine.previousStop).toBe('unclean')
    await next.stop()
  })
})

const answers = (url: string) =>
  fetch(`${url}/ping`).then(
    () => true,
    () => false,
  )

describe('an engine that cannot start', () => {
  test('says what to do when there is no library', async () => {
    const start = startTestEngine({ libraryPath: '/nowhere/libchdb.so' })
    await expect(start).rejects.toMatchObject({ code: 'ENGINE_NO_LIBRARY' })
    await expect(start).rejects.toThrow('CLICKHOUSE_URL')
  })

  test('shows what ClickHouse said last', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'store'), 'not a folder')
    const error = await startTestEngine({ folder }).catch((thrown: unknown) => thrown)
    expect(errorCode(error)).toBe('ENGINE_START_FAILED')
    expect(errorMessage(error)).toContain('Not a directory')
    rmSync(folder, { recursive: true })
  })

  test('refuses a port that another program has, and a folder whose passwords are broken', async () => {
    const holder = await startTestEngine()
    const port = Number(new URL(holder.engine.url).port)
    await expect(startTestEngine({ port })).rejects.toMatchObject({ code: 'ENGINE_PORT_TAKEN' })
    await holder.stop()
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'passwords.json'), '{')
    const start = startTestEngine({ folder })
    await expect(start).rejects.toMatchObject({ code: 'ENGINE_PASSWORDS_UNREADABLE' })
    rmSync(folder, { recursive: true })
  })

  test('refuses names that could be more than names', async () => {
    const badTenant = startTestEngine({ tenants: ["a' OR 1"] })
    await expect(badTenant).rejects.toMatchObject({ code: 'ENGINE_BAD_NAME' })
    const badTable = startTestEngine({ tables: ['t><x'] })
    await expect(badTable).rejects.toMatchObject({ code: 'ENGINE_BAD_NAME' })
  })
})

const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'revwall-engine-'))

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie that its new parent has not collected yet is gone for our purposes.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

async function startInParent(folder: string): Promise<{ parent: ChildProcess; enginePid: number }> {
  const program = fileURLToPath(new URL('../../test/engine-in-parent.ts', import.meta.url))
  const parent = spawn(process.execPath, ['--import', 'tsx', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(parent.stdout!), 'line')) as [string]
  return { parent, enginePid: Number(line) }
}
