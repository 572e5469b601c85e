/** A backup where the log is on Kafka: ClickHouse alone is copied, and goes on from what Kafka keeps. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openKafkaLog } from '../../core/log/kafka/open-kafka-log.ts'
import { startTestBroker, type TestBroker, whyNoKafka } from '../../core/log/kafka/testing/test-broker.ts'
import { type RevwallProcess, startRevwall } from '../cli/revwall-process.ts'
import { runRevwall } from '../cli/run-revwall.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { waitUntil } from '../cli/wait-until.ts'

const AT = '2024-03-01T10:00:00Z'

describe.skipIf(whyNoKafka() !== undefined)('a backup beside Kafka', () => {
  const folder = temporaryFolder('backup-kafka')
  const [data, copy, next] = ['data', 'copy', 'next'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  let broker: TestBroker
  let up: RevwallProcess
  let env: Record<string, string>

  beforeAll(async () => {
    broker = await startTestBroker()
    env = { KAFKA_BROKERS: broker.address, REVWALL_INGEST_PORT: '0' }
    up = startRevwall({ args: ['up', '--no-replay'], folder: data, env })
    await up.ready()
  })
  afterAll(async () => {
    await up?.dispose()
    await broker?.stop()
    folder.remove()
  })

  async function sell(orderId: string): Promise<void> {
    const log = await openKafkaLog({ brokers: [broker.address], ssl: false, sasl: undefined })
    await log.ensureTopic('orders', { partitions: 1, retentionMs: Number.POSITIVE_INFINITY })
    const order = {
      ...{ type: 'order', schemaVersion: 1, tenant: 'online-retail', source: 'shop', role: 'sale', orderId },
      ...{ version: 1, changedAt: AT, placedAt: AT, status: 'completed', currency: 'GBP', total: '1.25' },
    }
    const key = `online-retail/shop/${orderId}`
    const value = Buffer.from(JSON.stringify(order))
    await log.append('orders', [{ partition: 0, key, value, contentType: 'application/json' }])
    await log.close()
  }

  async function orders(page: string): Promise<number | undefined> {
    const answer = await fetch(`${page}/api/v1/totals?from=2024-03-01&to=2024-03-01`)
    return ((await answer.json()) as { total?: { orders: number } }).total?.orders
  }

  it('tells which records Kafka has to keep, and takes them after the restore', async () => {
    await sell('o-1')
    await waitUntil('the first order', 30_000, async () => (await orders(await up.page())) === 1)
    const { code, stdout, stderr } = await runRevwall(['backup', copy], { REVWALL_DATA: data, ...env })
    console.log(stdout.trim() + stderr)
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /orders\/0: ClickHouse at least to offset \d+, Kafka must keep the records from \d+ on/,
    )
    expect(existsSync(join(copy, 'log'))).toBe(false)
    await sell('o-2')
    // Lost as it is: a restore asks nothing of it.
    await up.end('SIGKILL')
    const without = await runRevwall(['restore', copy], { REVWALL_DATA: next })
    expect(without.stderr).toMatch(/set KAFKA_BROKERS.*RESTORE_OTHER_LOG/)
    const restored = await runRevwall(['restore', copy], { REVWALL_DATA: next, ...env })
    console.log(restored.stdout.trim() + restored.stderr)
    expect(restored.code).toBe(0)
    expect(restored.stdout).toMatch(/the log has [1-9]\d* more/)
    up = startRevwall({ args: ['up', '--no-replay'], folder: next, env })
    await waitUntil('both orders', 40_000, async () => (await orders(await up.page())) === 2)
  })
})
