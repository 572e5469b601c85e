import { expect, it } from 'vitest'
import { createComputePool } from './compute-pool.ts'
import { packBatch } from './testing/pack-batch.ts'

it('computes in a thread of its own, and says what went wrong there', async () => {
  const pool = createComputePool()
  try {
    const context = {
      run: 'r1',
      topic: 'orders',
      partition: 0,
      incarnation: 'x',
      code: '',
      serverStart: 0,
      tenants: new Map(),
    }
    const scope = {
      warehouse: {
        query: async <Row>() => [{ orders: '0' }] as Row[],
        stream: async function* () {},
        command: async () => {},
        insert: async () => {},
        close: async () => {},
      },
      database: 'd',
      topic: 'orders',
      partition: 0,
    }
    const computer = await pool.open(scope, context, -1)
    const value = Buffer.from('no JSON')
    const record = { offset: 0, key: 'k', value, contentType: 'application/json', appendedAt: 1e12 } as const
    const packed = packBatch({ first: 0, last: 0, takenAt: 1e12, records: [record] })
    const appended = { firstAt: 1e12, lastAt: 1e12 }
    const taken = { first: 0, last: 0, count: 1, isFull: false, appended, packed }
    const batch = await computer.compute(taken, { first: 0, last: -1, progress: new Map() })
    expect(batch).toMatchObject({ rows: 1, deadLetters: [{ reason: 'unreadable' }] })
    expect(batch.body).toBeInstanceOf(Uint8Array)
    computer.landed(0)
    await computer.rollBack()
    computer.landed(7)
    await expect(computer.rollBack()).rejects.toThrow('7 has landed')
    await computer.close()
    await expect(computer.rollBack()).rejects.toThrow('no state')
  } finally {
    await pool.close()
  }
})
