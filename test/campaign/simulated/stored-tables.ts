/** What the simulated warehouse keeps through every crash: the base table, the views, barriers, lives. No SQL here. */
import type { ChangeRow } from '../../../clickhouse/native/order-row.ts'
import { Ledger } from '../../oracle/ledger.ts'
import { asSeenBy, ledgerOfChanges, SIGNED_VIEWS, type SignedView } from './signed-views.ts'

export interface BarrierRow {
  id: string
  state: number
  expiresAt: number
}

/** A batch on its way: its rows, and what it adds to each view. */
export interface Part {
  rows: readonly ChangeRow[]
  sums: ReadonlyMap<string, Ledger>
}

export function partOf(rows: readonly ChangeRow[]): Part {
  const all = ledgerOfChanges(rows)
  return { rows, sums: new Map(SIGNED_VIEWS.map((view) => [view.name, asSeenBy(view, all)])) }
}

export class StoredTables {
  changes: ChangeRow[] = []
  /** By `topic/partition`, in the order in which they came. */
  readonly #marks = new Map<string, ChangeRow[]>()
  /** What each view holds, and what the base says that it should: the view's own SELECT over the base. */
  readonly #views = new Map<string, Ledger>()
  readonly #truths = new Map<string, Ledger>()
  readonly barriers: BarrierRow[] = []
  readonly lives: { start: number; state: string; at: number }[] = []

  constructor() {
    for (const { name } of SIGNED_VIEWS) {
      this.#views.set(name, new Ledger())
      this.#truths.set(name, new Ledger())
    }
  }

  /** The base table's part: its mark and its changes, at once or not at all. */
  addBase({ rows, sums }: Part): void {
    for (const row of rows) {
      if (row.sign !== 0) this.changes.push(row)
      else this.#marksOf(row.topic, row.partition).push(row)
    }
    for (const [view, ledger] of sums) this.#truths.get(view)!.merge(ledger)
  }

  addView(view: string, { sums }: Part): void {
    this.#views.get(view)!.merge(sums.get(view)!)
  }

  /** What a repair computed. */
  addDifference(view: string, difference: Ledger): void {
    this.#views.get(view)!.merge(difference)
  }

  view(name: string): Ledger {
    return this.#views.get(name)!
  }

  /** Buckets of a view with what it holds beyond what the base says; those that agree are there too, with nothing. */
  difference({ name }: SignedView, isInScope: (day: string) => boolean) {
    const [view, truth] = [this.#views.get(name)!, this.#truths.get(name)!]
    const buckets = new Map<string, ReturnType<typeof bucketOf>>()
    for (const side of [view, truth])
      for (const [key] of side.entries())
        if (isInScope(key.day)) buckets.set(JSON.stringify(key), bucketOf(key, view, truth))
    return [...buckets.values()]
  }

  topics(): { topic: string; partition: number }[] {
    const found = [...this.#marks].filter(([, marks]) => marks.length > 0)
    return found.map(([, [mark]]) => ({ topic: mark!.topic, partition: mark!.partition }))
  }

  /** Sorted as the table is. */
  marks(topic: string, partition: number): readonly ChangeRow[] {
    return [...this.#marksOf(topic, partition)].sort(
      (a, b) => a.markFirst - b.markFirst || a.markLast - b.markLast,
    )
  }

  /** The end of the chain, looked for from a first offset on. */
  lastMark(topic: string, partition: number, from = 0): ChangeRow | undefined {
    let last: ChangeRow | undefined
    for (const mark of this.#marksOf(topic, partition)) {
      if (mark.markFirst < from) continue
      const isLater = mark.markFirst - (last?.markFirst ?? -1) || mark.markLast - last!.markLast
      if (last === undefined || isLater > 0) last = mark
    }
    return last
  }

  /** The largest last offset, which is what the guard asks for. */
  maxLast(topic: string, partition: number, from: number): number | undefined {
    let max: number | undefined
    for (const { markFirst, markLast } of this.#marksOf(topic, partition))
      if (markFirst >= from) max = Math.max(max ?? markLast, markLast)
    return max
  }

  replaceMarks(topic: string, partition: number, marks: readonly ChangeRow[]): void {
    this.#marks.set(`${topic}/${partition}`, [...marks])
  }

  openBarriers(now: number): BarrierRow[] {
    const open = new Map<string, { sum: number; expiresAt: number }>()
    for (const { id, state, expiresAt } of this.barriers) {
      const known = open.get(id) ?? { sum: 0, expiresAt: 0 }
      open.set(id, { sum: known.sum + state, expiresAt: Math.max(known.expiresAt, expiresAt) })
    }
    const held = [...open].filter(([, { sum, expiresAt }]) => sum > 0 && expiresAt > now)
    return held.map(([id, { expiresAt }]) => ({ id, state: 1, expiresAt }))
  }

  #marksOf(topic: string, partition: number): ChangeRow[] {
    const key = `${topic}/${partition}`
    const marks = this.#marks.get(key) ?? []
    this.#marks.set(key, marks)
    return marks
  }
}

function bucketOf(key: Parameters<Ledger['sumsOf']>[0], view: Ledger, truth: Ledger) {
  const [held, wanted] = [view.sumsOf(key), truth.sumsOf(key)]
  return { key, amountE4: held.amountE4 - wanted.amountE4, orders: held.orders - wanted.orders }
}
