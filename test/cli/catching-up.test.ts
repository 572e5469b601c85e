/** A start behind a log that was filled meanwhile: the wall says that it is catching up, and is live only then. */
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openWall } from '../../api/testing/open-wall.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import { type EventLog, partitionOf } from '../../core/log/event-log.ts'
import { startRevwall } from './revwall-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder('catching-up')
const up = () => startRevwall({ args: ['up', '--no-replay'], folder: folder.path })
afterAll(() => folder.remove())

const ORDERS = 60_000
const AT = '2024-03-01T10:00:00Z'
const record = (key: string, event: object) => ({
  ...{ partition: partitionOf(key, 1), key, contentType: 'application/json' as const },
  value: Buffer.from(JSON.stringify(event)),
})
const head = { schemaVersion: 1, tenant: 'online-retail', source: 'shop' }
const order = (n: number) =>
  record(`online-retail/shop/${n}`, {
    ...{ type: 'order', ...head, orderId: String(n), version: 1, changedAt: AT, placedAt: AT },
    ...{ status: 'completed', currency: 'GBP', total: '1.00' },
  })

/** Its source spoke a moment ago, so that nothing but the backlog keeps the wall from being live. */
async function fill(log: EventLog): Promise<void> {
  for (let from = 0; from < ORDERS; from += 5_000)
    await log.append(
      'orders',
      Array.from({ length: 5_000 }, (_, n) => order(from + n)),
    )
  const now = new Date().toISOString()
  const progress = { type: 'source.progress', ...head, upTo: now, polledAt: now, mode: 'live' }
  await log.append('orders', [record('online-retail/shop', progress)])
}

it('is told on the wall until the log of before was taken', async () => {
  const first = up()
  await first.ready()
  await first.end('SIGTERM')
  const log = await openEmbeddedLog({ folder: join(folder.path, 'log') })
  await fill(log)
  await log.close()
  const second = up()
  try {
    const wall = await openWall(await second.page(), { tenant: 'online-retail' })
    await wall.until(({ tiles }) => (tiles.health?.backlog ?? 0) > 0, 20_000)
    const atFirst = wall.tiles.health!.backlog!
    await wall.until(({ tiles }) => tiles.health?.processor === 'running' && !tiles.health.backlog, 60_000)
    const backlogs = wall.frames.flatMap((frame) =>
      'set' in frame && frame.set.health?.backlog ? [frame.set.health.backlog] : [],
    )
    console.log(`catching up: ${backlogs.join(', ')}, then live`)
    expect(atFirst).toBeGreaterThan(0)
    expect(backlogs).toEqual(backlogs.toSorted((a, b) => b - a))
    await wall.close()
  } finally {
    await second.end('SIGTERM')
  }
})
