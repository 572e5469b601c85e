/** ClickHouse refuses: one order, all rows, everything; or a view throws while the base has the rows already. */
import { diffLedgers } from '../../oracle/diff-ledgers.ts'
import { readBaseLedger } from '../../oracle/read-base.ts'
import type { Fault, Hit } from '../fault.ts'
import { mendViews } from '../mend-views.ts'
import { startProcessor } from '../processors.ts'
import { refusedLetters, sendAgain } from '../refused-letters.ts'
import { until } from '../until.ts'
import { PARTITIONS, type World } from '../world.ts'

/** As partition-loop.ts has it. */
const MAX_REFUSED_IN_A_ROW = 10

export const refusals: readonly Fault[] = [
  { name: 'an order that ClickHouse refuses', sells: { orders: 30 }, inject: poison },
  {
    name: 'a table that refuses all rows but marks',
    inject: (world) => refuseAll(world, 'sign = 0', MAX_REFUSED_IN_A_ROW * PARTITIONS),
  },
  {
    name: 'a table that refuses everything',
    inject: (world) => refuseAll(world, 'sign > 1', PARTITIONS),
  },
  { name: 'a view that throws for every order', inject: (world) => throwingView(world, 'sign != 0') },
  { name: 'a view that throws for marks too', inject: (world) => throwingView(world, 'sign < 2') },
]

/** Exactly its records are set aside; everything else lands, and they too once they are sent again. */
async function poison(world: World): Promise<Hit> {
  const { sales } = world
  const lives = [...sales.source.lives].filter(([, { conflict, told }]) => !conflict && told.length > 1)
  const [key, life] = lives[world.random.integer(0, lives.length - 1)]!
  const stored = `source != '${life.source}' OR order_id != ${literal(life.orderId)}`
  const before = (await refusedLetters(world)).length
  const processor = await startProcessor(world)
  let hitAt = 0
  try {
    await withConstraint(world, stored, async () => {
      await world.settled()
      hitAt = performance.now()
      sales.source.lives.delete(key)
      const found = await readBaseLedger({ warehouse: world.host.warehouse, database: world.database })
      const apart = diffLedgers('order_changes', found, sales.books().ledger())
      if (apart.length > 0) throw new Error(`less the refused order: ${apart.join('; ')}`)
      sales.source.lives.set(key, life)
    })
    const letters = (await refusedLetters(world)).slice(before)
    const strange = letters.filter(({ payload }) => JSON.parse(payload).orderId !== life.orderId)
    if (strange.length > 0) throw new Error(`set aside too: ${strange[0]!.payload.slice(0, 200)}`)
    if (letters.length < life.told.length) throw new Error(`only ${letters.length} records were set aside`)
    await sendAgain(world, letters)
    await world.settled()
    const where = `order ${life.orderId}, ${letters.length} letters`
    return { where, recoveredMs: performance.now() - hitAt }
  } finally {
    await processor.stop()
  }
}

/** It halts for a person with few letters, and goes on when it is started after the repair. */
async function refuseAll(world: World, allowed: string, maxLetters: number): Promise<Hit> {
  const before = (await refusedLetters(world)).length
  await withConstraint(world, allowed, async () => {
    const processor = await startProcessor(world)
    try {
      await world.sales.play()
      await until('both partitions halt', () => processor.halts.length === PARTITIONS)
      const other = processor.halts.find(({ code }) => code !== 'WAREHOUSE_REFUSES_ALL')
      if (other) throw new Error(`it halted with ${other.code}: ${other.message}`)
    } finally {
      await processor.stop()
    }
  })
  const repairedAt = performance.now()
  const letters = (await refusedLetters(world)).slice(before)
  if (letters.length > maxLetters) throw new Error(`${letters.length} letters, not ${maxLetters}`)
  const next = await startProcessor(world)
  try {
    await world.caughtUp()
    await sendAgain(world, letters)
    await world.settled()
  } finally {
    await next.stop()
  }
  const where = `CHECK ${allowed}, ${letters.length} letters`
  return { where, recoveredMs: performance.now() - repairedAt }
}

async function throwingView(world: World, throws: string): Promise<Hit> {
  const { host, database } = world
  const view = `${database}.thrower_mv`
  await host.warehouse.command(
    `CREATE MATERIALIZED VIEW ${view} ENGINE = Null AS SELECT throwIf(${throws}, 'broken view') AS x FROM ${database}.order_changes`,
  )
  const processor = await startProcessor(world)
  try {
    await world.settled().finally(() => host.warehouse.command(`DROP TABLE ${view} SYNC`))
    const repairedAt = performance.now()
    const landed = processor.events.flatMap(({ event }) => (event.type === 'landed' ? [event] : []))
    const plain = landed.filter(({ settled }) => !settled).length
    if (throws !== 'sign != 0' && plain > 0) throw new Error(`${plain} batches were acknowledged`)
    const apart = await mendViews(world)
    const where = `${landed.length - plain} batches landed by their mark, ${apart} views apart and mended`
    return { where, recoveredMs: performance.now() - repairedAt }
  } finally {
    await processor.stop()
  }
}

async function withConstraint(
  { host, database }: World,
  check: string,
  work: () => Promise<void>,
): Promise<void> {
  const alter = `ALTER TABLE ${database}.order_changes`
  await host.warehouse.command(`${alter} ADD CONSTRAINT a_fault CHECK ${check}`)
  try {
    await work()
  } finally {
    await host.warehouse.command(`${alter} DROP CONSTRAINT a_fault`)
  }
}

const literal = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`
