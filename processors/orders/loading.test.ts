/**
 * A state that is loaded page by page while batches are computed, land and are taken back, against one that was whole from
 * the start: the same bytes, whatever comes in between. Fingerprints collide all the time here.
 */
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { type OrderEvent, orderEvent } from '../../core/contracts/order.ts'
import { anyOrder } from '../../core/contracts/testing/any-order.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { BatchContext } from './batch.ts'
import { BatchComputer } from './batch-computer.ts'
import { foldOrder } from './fold-order.ts'
import { fingerprintOf, keyText } from './order-key.ts'
import { OrderState } from './order-state.ts'
import { packBatch } from './testing/pack-batch.ts'

const KEY_SEED = 0x6f72_6472
const FINGERPRINTS = 8

vi.mock('../../core/contracts/compact/hash-bytes.ts', async (original) => {
  const real = await original<typeof import('../../core/contracts/compact/hash-bytes.ts')>()
  const hashBytes: typeof real.hashBytes = (bytes, start, end, seed, into) => {
    real.hashBytes(bytes, start, end, seed, into)
    if (seed !== KEY_SEED) return
    into.high = 0
    into.low = 1 + (into.low % FINGERPRINTS)
  }
  return { ...real, hashBytes }
})

const ZONE = 'America/Sao_Paulo'
const context: BatchContext = {
  ...{ run: 'r1', topic: 'orders', partition: 0, incarnation: 'life', code: 'v1', serverStart: 7 },
  tenants: new Map([['acme', { id: 'acme', name: 'A', timeZone: ZONE, currency: 'BRL' }]]),
}
const KEYS = 20
const BATCHES = 6
const MAX_AHEAD = 2

type Table = ReadonlyMap<string, OrderRow>

/** Batches of records, and the table as it is before each of them. */
interface World {
  batches: LogRecord[][]
  tables: Table[]
}

const anyEvent = fc
  .tuple(anyOrder, fc.nat({ max: KEYS - 1 }), fc.nat({ max: 5 }), fc.boolean())
  .map(([event, key, version, isPlain]): OrderEvent => {
    const lists = isPlain ? { payments: [], refunds: [], cancellations: [] } : {}
    const address = { tenant: 'acme', source: 'shop', role: 'sale', orderId: `o-${key}`, version }
    return orderEvent.parse({ ...event, ...lists, ...address })
  })
const someEvents = fc.array(anyEvent, { minLength: 1, maxLength: 12 })

/** The first of them are what the table has. */
function worldOf(all: readonly OrderEvent[][]): World {
  const tables: Table[] = []
  let present = new Map<string, OrderRow>()
  let offset = 0
  const batches = all.map((events) => {
    tables.push(present)
    present = new Map(present)
    return events.map((event): LogRecord => {
      const row = folded(present.get(keyText(event)), event)
      if (row) present.set(keyText(event), row)
      const encoded = encodeOrdersEvent(event)
      return { ...encoded, offset: offset++, key: '', appendedAt: Date.UTC(2100, 0, 1) }
    })
  })
  return { batches: batches.slice(1), tables: tables.slice(1) }
}

function folded(former: OrderRow | undefined, event: OrderEvent): OrderRow | undefined {
  try {
    return foldOrder(former, event, ZONE).row
  } catch (error) {
    expect(error).toBeInstanceOf(RevwallError)
    return undefined
  }
}

class Life {
  readonly #world: World
  readonly #state: OrderState
  readonly #computer: BatchComputer
  landed = 0
  computed = 0
  asked = 0

  constructor(world: World) {
    this.#world = world
    this.#state = new OrderState(world.batches[0]![0]!.offset - 1)
    this.#computer = new BatchComputer(context, this.#state)
  }

  get ahead(): number {
    return this.computed - this.landed
  }

  load(keys: readonly string[]): void {
    const pairs = keys.flatMap((key) => {
      const [tenant, source, orderId] = key.split('/') as [string, string, string]
      const hash = { high: 0, low: 0 }
      fingerprintOf({ tenant, source, orderId }, hash)
      return [hash.high, hash.low]
    })
    this.#state.load(new Uint32Array(pairs))
  }

  complete(): void {
    this.#state.complete()
  }

  /** The bytes of the next batch; `between` comes while the table is asked. */
  compute(between: () => void): string {
    const records = this.#world.batches[this.computed]!
    const taken = { first: records[0]!.offset, last: records.at(-1)!.offset, takenAt: 5e11, records }
    const input = { packed: packBatch(taken), progress: [] }
    let computing = this.#computer.compute(input)
    if (computing.type === 'asks') {
      this.asked += computing.keys.length
      // As it is at the mark: what is ahead is not in it.
      const table = this.#world.tables[this.landed]!
      const found = computing.keys.map(keyText).filter((key) => table.has(key))
      const base = new Map(found.map((key) => [key, table.get(key)!]))
      between()
      computing = this.#computer.compute({ ...input, base })
    }
    if (computing.type !== 'batch') throw new Error('it asked twice')
    this.computed += 1
    return Buffer.from(computing.batch.body).toString('base64')
  }

  land(): void {
    this.#state.landed(this.#world.batches[this.landed]!.at(-1)!.offset)
    this.landed += 1
  }

  rollBack(): void {
    this.#state.rollBack()
    this.computed = this.landed
  }
}

function bytesOfWhole(world: World): string[] {
  const life = new Life(world)
  life.load([...world.tables[0]!.keys()])
  life.complete()
  return world.batches.map(() => {
    const bytes = life.compute(() => {})
    life.land()
    return bytes
  })
}

const worlds = fc.array(someEvents, { minLength: BATCHES, maxLength: BATCHES }).map(worldOf)
const steps = fc.array(
  fc.constantFrom('compute', 'land', 'roll back', 'load', 'load between', 'land between'),
  {
    minLength: 40,
    maxLength: 80,
  },
)

it('makes the same bytes as a state that is whole', () => {
  let [asked, rolledBack] = [0, 0]
  fc.assert(
    fc.property(worlds, steps, (world, plan) => {
      const expected = bytesOfWhole(world)
      const life = new Life(world)
      const pages = [...world.tables[0]!.keys()].map((key) => [key])
      const loadNext = () => {
        const page = pages.shift()
        if (page === undefined) life.complete()
        else life.load(page)
      }
      let between: string[] = []
      const compute = () => {
        const index = life.computed
        const bytes = life.compute(() => {
          if (between.includes('load between')) loadNext()
          if (between.includes('land between') && life.ahead > 0) life.land()
        })
        between = []
        expect(bytes === expected[index], `batch ${index}`).toBe(true)
      }
      for (const step of plan) {
        if (step === 'compute' && life.ahead < MAX_AHEAD && life.computed < BATCHES - 1) compute()
        if (step === 'land' && life.ahead > 0) life.land()
        if (step === 'load') loadNext()
        if (step.endsWith('between')) between.push(step)
        if (step === 'roll back' && life.ahead > 0) {
          life.rollBack()
          rolledBack += 1
        }
      }
      while (pages.length > 0) loadNext()
      life.complete()
      while (life.computed < BATCHES - 1) compute()
      asked += life.asked
    }),
    { numRuns: 30 },
  )
  console.log(`${asked} orders were asked for, ${rolledBack} times batches were taken back`)
  expect(Math.min(asked, rolledBack)).toBeGreaterThan(20)
})

it('asks for an order whose page came while another had its fingerprint, which was taken back', () => {
  const hash = { high: 7, low: 7 }
  const first = new Uint8Array(8)
  const steps = [
    (state: OrderState) => state.putFirst(hash, first, 0, first.length, 1),
    (state: OrderState) =>
      state.put(hash, { bytes: first, start: 0, end: first.length, version: 1, depth: 1, before: undefined }),
  ]
  for (const put of steps) {
    const state = new OrderState(9)
    state.begin(10)
    put(state)
    state.load(new Uint32Array([hash.high, hash.low]))
    state.rollBack()
    state.complete()
    expect(state.mayHave(hash)).toBe(true)
    expect(state.mayHave({ high: 7, low: 8 })).toBe(false)
  }
})
