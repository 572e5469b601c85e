/** One life of `up` after the other on the same folder: how it holds it, and how each of them ends. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { listeningSockets } from './listening-sockets.ts'
import { commandLine, descendants, isRunning, processesOn } from './process-tree.ts'
import { type RevwallProcess, startRevwall } from './revwall-process.ts'
import { runRevwall } from './run-revwall.ts'
import { runningWarehouse } from './running-warehouse.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { waitUntil } from './wait-until.ts'

const folder = temporaryFolder('lifecycle')
const other = temporaryFolder('lifecycle-other')
const ORPHAN_MS = 2_000
let up: RevwallProcess | undefined

async function running(): Promise<{ process: RevwallProcess; page: string; clickhouse: number }> {
  if (up === undefined || !isRunning(up.pid))
    up = startRevwall({ args: ['up', '--no-replay'], folder: folder.path })
  return { process: up, page: await up.page(), clickhouse: await up.clickhousePid() }
}

function ready(page: string): Promise<unknown> {
  return waitUntil('its readiness', 30_000, async () => (await fetch(`${page}/readyz`)).ok)
}

function nothingLeft(pids: readonly number[]): string[] {
  return [...pids, ...processesOn(folder.path)].filter(isRunning).map((pid) => `${pid} ${commandLine(pid)}`)
}

describe('revwall up', () => {
  beforeEach(async () => void (await running()), 60_000)
  afterAll(async () => {
    await up?.dispose()
    folder.remove()
    other.remove()
  })

  it('listens on 127.0.0.1 only, ClickHouse too', async () => {
    const { process } = await running()
    const sockets = listeningSockets([process.pid, ...descendants(process.pid)])
    console.log(`listens on ${sockets.join(', ')}`)
    expect(sockets.length).toBeGreaterThanOrEqual(2)
    expect(sockets.filter((socket) => !socket.startsWith('127.0.0.1:'))).toEqual([])
  })

  it('refuses a second one on the same folder in one line that says where the first is', async () => {
    const { process, page } = await running()
    const second = await runRevwall(['up'], { REVWALL_DATA: folder.path })
    console.log(`exit ${second.code} after ${second.ms.toFixed()} ms: ${second.stderr.trim()}`)
    expect(second.code).toBe(1)
    expect(second.stderr.trim().split('\n')).toHaveLength(1)
    for (const told of [folder.path, String(process.pid), page]) expect(second.stderr).toContain(told)
    await ready(page)
  })

  it('refuses a taken port in one line and leaves nothing running', async () => {
    const { page } = await running()
    const { port } = new URL(page)
    const second = await runRevwall(['up'], { REVWALL_DATA: other.path, PORT: port })
    const last = second.stderr.trim().split('\n').at(-1)
    console.log(`exit ${second.code} after ${second.ms.toFixed()} ms: ${last}`)
    expect(second.code).toBe(1)
    expect(last).toMatch(new RegExp(`^revwall: port ${port} is taken`))
    expect(second.stderr).not.toMatch(/^ +at /m)
    expect(processesOn(other.path)).toEqual([])
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends by %s with 0 and leaves nothing running', async (signal) => {
    const { process } = await running()
    const pids = [process.pid, ...descendants(process.pid)]
    const { code, ms } = await process.end(signal)
    up = undefined
    console.log(`${signal}: exit ${code} after ${ms.toFixed()} ms; ${pids.length} processes ended`)
    expect(pids.length).toBeGreaterThanOrEqual(2)
    expect(code).toBe(0)
    expect(process.output()).toContain('draining')
    expect(process.output()).not.toMatch(/^(warn|error): /m)
    expect(nothingLeft(pids)).toEqual([])
  })

  it('drains while history loads, too', async () => {
    const loading = startRevwall({ args: ['up'], folder: other.path })
    try {
      await loading.page()
      await loading.clickhousePid()
      const pids = descendants(loading.pid)
      const { code, ms } = await loading.end('SIGINT')
      console.log(`SIGINT while history loads: exit ${code} after ${ms.toFixed()} ms`)
      expect(code, loading.output()).toBe(0)
      expect(loading.output()).not.toMatch(/^(warn|error): /m)
      expect([...pids, ...processesOn(other.path)].filter(isRunning)).toEqual([])
    } finally {
      await loading.dispose()
    }
  })

  it('takes ClickHouse with it when it is killed, and starts again on the folder', async () => {
    const { process, clickhouse } = await running()
    const since = performance.now()
    await process.end('SIGKILL')
    up = undefined
    await waitUntil('the end of ClickHouse', ORPHAN_MS, () => !isRunning(clickhouse))
    console.log(`kill -9: ClickHouse ended ${(performance.now() - since).toFixed()} ms later`)
    expect(nothingLeft([clickhouse])).toEqual([])
    const { page } = await running()
    await ready(page)
  })

  it('starts while a barrier of a killed owner is open', async () => {
    const { process } = await running()
    const warehouse = runningWarehouse(folder.path)
    await warehouse.command(
      `INSERT INTO revwall_r1.barriers (id, owner, state, at, expires_at)
       VALUES ('left-open', 'an audit that was killed', 1, now64(3), now64(3) + INTERVAL 30 SECOND)`,
    )
    await warehouse.close()
    await process.end('SIGKILL')
    up = undefined
    const { process: next } = await running()
    console.log(`with a barrier left open: ${next.output().trim().split('\n').at(-1)}`)
  })

  it('does not wait after a second Ctrl-C', async () => {
    const { process, clickhouse } = await running()
    globalThis.process.kill(process.pid, 'SIGSTOP')
    globalThis.process.kill(process.pid, 'SIGINT')
    globalThis.process.kill(process.pid, 'SIGTERM')
    globalThis.process.kill(process.pid, 'SIGCONT')
    await waitUntil('the end', ORPHAN_MS * 5, () => !isRunning(process.pid))
    const { code } = await process.end('SIGTERM')
    up = undefined
    console.log(`two signals at once: exit ${code}`)
    expect(code).toBe(130)
    await waitUntil('the end of ClickHouse', ORPHAN_MS, () => !isRunning(clickhouse))
  })
})
