import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventLog } from '../event-log.ts'
import { checkDataFile } from './data-file.ts'
import { openEmbeddedLog } from './open-embedded-log.ts'
import { type Child, startChild, temporaryFolder } from './testing/child.ts'

const PARTITIONS = [0, 1, 2]
const KILL_ROUNDS = 4
const SESSION_TIMEOUT_MS = 800

describe('several processes on one folder', () => {
  let folder: string
  let log: EventLog
  const children: Child[] = []
  const start = (script: string, ...args: string[]) => {
    const child = startChild(script, args)
    children.push(child)
    return child
  }

  beforeEach(async () => {
    folder = temporaryFolder()
    log = await openEmbeddedLog({ folder, sessionTimeoutMs: SESSION_TIMEOUT_MS })
    await log.ensureTopic('orders', { partitions: 3, retentionMs: Number.POSITIVE_INFINITY })
  })
  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.process.kill('SIGKILL')
      await child.ended
    }
    await log.close()
    rmSync(folder, { recursive: true })
  })

  it('lets them append and follow at the same time, and all see the same order', async () => {
    const followers = [start('follow.ts', folder, '0', '120'), start('follow.ts', folder, '0', '120')]
    const writers = ['a', 'b'].map((name) => start('append-forever.ts', folder, name, '60'))
    expect(await Promise.all([...writers, ...followers].map(({ ended }) => ended))).toEqual([0, 0, 0, 0])
    const order = (await readTexts(log, 0)).map(({ writer, n }) => `${writer}:${n}`)
    expect(order).toHaveLength(120)
    for (const { lines } of followers) expect(lines).toEqual(order)
    for (const partition of PARTITIONS) {
      for (const name of ['a', 'b']) expect(await numbersOf(log, partition, name)).toEqual(upTo(60))
    }
  })

  it('keeps every acknowledged append, whole and once, when writers are killed in the middle', async () => {
    for (let round = 0; round < KILL_ROUNDS; round++) {
      const writers = [0, 1, 2].map((n) => ({
        name: `w${round}-${n}`,
        child: start('append-forever.ts', folder, `w${round}-${n}`),
      }))
      await Promise.all(writers.map(({ child }) => child.printed(1)))
      for (const { child } of writers) {
        await delay(3 + ((round * 17) % 60))
        child.process.kill('SIGKILL')
      }
      for (const { name, child } of writers) {
        expect(await child.ended).toBe('SIGKILL')
        const acknowledged = child.lines.length
        const kept = await Promise.all(PARTITIONS.map((partition) => numbersOf(log, partition, name)))
        // One more than was acknowledged may be there: killed between the commit and the answer.
        expect(kept[0]!.length - acknowledged).toBeOneOf([0, 1])
        for (const numbers of kept) expect(numbers).toEqual(upTo(kept[0]!.length))
      }
    }
    await log.append('orders', [
      { partition: 0, key: 'end', value: Buffer.from('end:0'), contentType: 'application/json' },
    ])
    expect(await numbersOf(log, 0, 'end')).toEqual([0])
  })

  it('never takes a file for damaged that others are writing', async () => {
    const writers = ['a', 'b'].map((name) => start('append-forever.ts', folder, name, '1500'))
    await Promise.all(writers.map((writer) => writer.printed(1)))
    let looks = 0
    while (writers.some((writer) => writer.process.exitCode === null)) {
      for (let each = 0; each < 100; each++) checkDataFile(join(folder, 'data.mdb'))
      looks += 100
      await delay(1)
    }
    expect(looks).toBeGreaterThan(1000)
  })

  it('moves the partitions of a member that was killed, after its session timeout', async () => {
    const told: (readonly number[])[] = []
    await log.join('g', 'orders', { onAssigned: (list) => void told.push(list), onRevoked: () => {} })
    expect(told).toEqual([[0, 1, 2]])
    const other = start('join-group.ts', folder, String(SESSION_TIMEOUT_MS))
    await other.printed(1)
    await vi.waitFor(() => expect([...told.at(-1)!, ...owned(other)].sort()).toEqual([0, 1, 2]), {
      timeout: 30_000,
    })
    other.process.kill('SIGKILL')
    const killedAt = Date.now()
    await vi.waitFor(() => expect(told.at(-1)).toEqual([0, 1, 2]), { timeout: 30_000 })
    expect(Date.now() - killedAt).toBeGreaterThan(SESSION_TIMEOUT_MS / 2)
  })

  it('takes a member back that was stopped for longer than its session', async () => {
    const told: string[] = []
    await log.join('g', 'orders', {
      onAssigned: (list) => void told.push(`+${list.join()}`),
      onRevoked: (list) => void told.push(`-${list.join()}`),
    })
    const other = start('join-group.ts', folder, String(SESSION_TIMEOUT_MS))
    await other.printed(1)
    await vi.waitFor(() => expect(told.at(-1)).toMatch(/^\+[\d,]{1,3}$/), { timeout: 30_000 })
    other.process.kill('SIGSTOP')
    await vi.waitFor(() => expect(told.at(-1)).toBe('+0,1,2'), { timeout: 30_000 })
    other.process.kill('SIGCONT')
    await other.printed(2)
    await vi.waitFor(() => expect(told.at(-1)).toMatch(/^\+[\d,]{1,3}$/), { timeout: 30_000 })
  })
})

function owned({ lines }: Child): number[] {
  return lines.at(-1)!.split(',').map(Number)
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}

async function numbersOf(log: EventLog, partition: number, writer: string): Promise<number[]> {
  return (await readTexts(log, partition)).filter((each) => each.writer === writer).map(({ n }) => n)
}

async function readTexts(log: EventLog, partition: number): Promise<{ writer: string; n: number }[]> {
  const { first } = await log.bounds('orders', partition)
  const records = await log.read('orders', partition, first, { maxRecords: 1e6, maxBytes: 1e9 })
  return records.map(({ value }) => {
    const [writer = '', n] = Buffer.from(value).toString().trim().split(':')
    return { writer, n: Number(n) }
  })
}
