import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Page } from 'playwright-core'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { dayInClickHouse, figuresOf } from './day-in-clickhouse.ts'
import { readWall, type WallNow } from './read-wall.ts'

const TIMEOUT_MS = 60_000
const PAUSE_MS = 30

export interface Agreement {
  wall: WallNow
  /** Comparisons that fell into a change. */
  missed: number
}

/**
 * Reads the page, ClickHouse, and the page again. When the page did not change in between, what ClickHouse said is of
 * the same moment or a little newer; then the page is still to come, and all is asked again until the time is over.
 */
export async function sameAsClickHouse(page: Page, warehouse: Warehouse): Promise<Agreement> {
  const deadline = performance.now() + TIMEOUT_MS
  for (let missed = 0; ; missed++) {
    const before = await readWall(page)
    const truth = before.day === null ? undefined : await dayInClickHouse(warehouse, before.day)
    const after = await readWall(page)
    const stood = before.day === after.day && isDeepStrictEqual(figuresOf(before), figuresOf(after))
    if (stood && truth && isDeepStrictEqual(figuresOf(after), truth)) return { wall: after, missed }
    if (performance.now() > deadline)
      throw new Error(
        `the page and ClickHouse differ: ${text(figuresOf(after))} and ${text(truth)} of ${after.day}`,
      )
    await delay(PAUSE_MS)
  }
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each))
}
