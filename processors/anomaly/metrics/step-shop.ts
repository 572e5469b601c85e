/** One look at a tenant: which sources do not answer, and all buckets that are complete. */
import type { BuyerScope, Marks } from '../../../clickhouse/queries/read-buyers.ts'
import { type SourceState, tenantTime } from '../../../clickhouse/queries/source-states.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import { WATCH_MIN_DAYS } from '../../../core/contracts/results.ts'
import type { TenantConfig } from '../../../core/contracts/tenant.ts'
import type { HolidayBook } from '../../holiday-book.ts'
import type { BucketSpan } from './bucket-span.ts'
import { groupAlarms, groupOf, type SeriesAlarm, staleTrigger } from './group-alarms.ts'
import type { IncidentBook, Kept, Sighting } from './incident-book.ts'
import { bucketReadiness, findSilences, type Moment } from './source-silence.ts'
import type { TenantMetrics } from './tenant-metrics.ts'
import type { WatchCounters } from './watch-counters.ts'
import { openMetrics, type Standing } from './watched-shop.ts'
import { WEEK_MS } from './week-history.ts'

export interface Shop {
  tenant: TenantConfig
  /** Undefined until it is read, and while its history is loaded. */
  metrics: TenantMetrics | undefined
  /** Where it is to be taken up. */
  standing: Standing | undefined
  /** Where it was when it was read. */
  openedAtMs: number
}

/** A series that came into alarm, and the incident that it is a part of. */
export interface BegunAlarm {
  alarm: SeriesAlarm
  kept: Kept
}

export interface ShopContext {
  warehouse: Warehouse
  holidays: HolidayBook
  signal: AbortSignal
  scope: BuyerScope
  counters: WatchCounters
  book: IncidentBook
  /** Up to where it is known what was booked. */
  marks: Marks
  /** Nobody listened to the sources before it. */
  sinceMs: number
  silentForMs: number
  /** Of the bucket at hand, before the next one. */
  tell(begun: readonly BegunAlarm[], shop: Shop): Promise<void>
}

export interface ShopMoment extends Moment {
  /** Records wait to be taken: what is missing may be among them. */
  isBehind: boolean
}

const DAY_MS = 86_400_000
const MODEL = 'metrics-1'

export async function stepShop(
  context: ShopContext,
  shop: Shop,
  states: readonly SourceState[],
  moment: ShopMoment,
): Promise<void> {
  const { mode, nowMs } = tenantTime(states, moment.wallMs)
  noteSilences(context, shop, states, moment)
  if (mode === 'history') {
    shop.standing = standingNow(shop)
    shop.metrics = undefined
    return context.tell([], shop)
  }
  const standing = standingNow(shop)
  const isElsewhere = standing !== undefined && !isNear(standing.positionMs, nowMs)
  let isNews = shop.metrics === undefined || isElsewhere
  // What was open there is not seen again.
  if (isElsewhere)
    for (const kept of context.book.of(shop.tenant.id).filter(isOfMetric))
      context.book.step(kept, { type: 'resolve', atMs: kept.incident.changedAtMs })
  if (isNews) await open(context, shop, { standing: isElsewhere ? undefined : standing, nowMs })
  for (;;) {
    const { span, beginsWeek } = shop.metrics!.next()
    if (span.toMs > nowMs || context.signal.aborted) break
    const readiness = bucketReadiness(states, span.toMs, moment)
    if (!readiness.ready || (readiness.incomplete.size > 0 && moment.isBehind)) break
    if (beginsWeek && span.fromMs !== shop.openedAtMs)
      await open(context, shop, { standing: standingNow(shop), nowMs })
    isNews = true
    const metrics = shop.metrics!
    if (span.toMs < nowMs - DAY_MS || metrics.days < WATCH_MIN_DAYS) {
      metrics.learnNext()
      context.counters.bucket('learned')
    } else await judge(context, shop, { ...readiness, span, nowMs })
  }
  await (isNews ? context.tell([], shop) : undefined)
}

/** A replay that begins anew goes back in time; and who was away for a week takes up nothing of before. */
function isNear(positionMs: number, nowMs: number): boolean {
  return nowMs >= positionMs - DAY_MS && nowMs <= positionMs + WEEK_MS
}

function standingNow({ metrics, standing }: Shop): Standing | undefined {
  if (metrics === undefined) return standing
  const { positionMs, width, states } = metrics
  return { positionMs, width, states }
}

async function open(
  { warehouse, holidays, scope, marks, book }: ShopContext,
  shop: Shop,
  { standing, nowMs }: { standing: Standing | undefined; nowMs: number },
): Promise<void> {
  const keepWidth = book.of(shop.tenant.id).some(isOfMetric)
  shop.metrics = await openMetrics(shop.tenant, {
    ...{ warehouse, holidays, scope, marks, standing, nowMs, keepWidth },
  })
  shop.openedAtMs = shop.metrics.positionMs
}

interface Bucket {
  sources: readonly string[]
  incomplete: ReadonlySet<string>
  span: BucketSpan
  nowMs: number
}

async function judge(
  context: ShopContext,
  shop: Shop,
  { sources, incomplete, span, nowMs }: Bucket,
): Promise<void> {
  const { book, counters } = context
  const { tenant, metrics } = shop
  const { points, alarms } = metrics!.judgeNext(sources, incomplete)
  counters.bucket(incomplete.size > 0 ? 'stale' : 'judged')
  const sighting = { window: span, nowMs, currency: tenant.currency, model: `${MODEL}-${metrics!.width}min` }
  // A source that does not answer is told by its own clock, and not only when something fell.
  for (const trigger of groupAlarms(alarms, incomplete, points))
    if (trigger.kind === 'metric') book.trigger(trigger, span.toMs, sighting)
  // What is held while a source is silent is still in alarm, and not over.
  const inAlarm = new Set(alarms.map(groupOf))
  for (const kept of book.of(tenant.id))
    if (isOfMetric(kept) && !inAlarm.has(kept.incident.group))
      book.step(kept, { type: 'resolve', atMs: span.toMs })
  const open = new Map(book.of(tenant.id).map((kept) => [kept.incident.group, kept]))
  const begun = alarms.flatMap(({ began, ...alarm }) => {
    const kept = open.get(groupOf(alarm))
    return began && kept !== undefined ? [{ alarm, kept: { ...kept, sighting } }] : []
  })
  if (begun.length > 0 || book.hasNews) await context.tell(begun, shop)
}

const isOfMetric = ({ incident }: Kept) => incident.latest.kind === 'metric'

function noteSilences(
  { book, sinceMs, silentForMs }: ShopContext,
  { tenant }: Shop,
  states: readonly SourceState[],
  moment: ShopMoment,
): void {
  const { silent, answering } = findSilences(states, moment, { sinceMs, silentForMs })
  for (const { source, atMs } of moment.isBehind ? [] : silent) {
    const window = { fromMs: atMs - silentForMs, toMs: atMs }
    const sighting: Sighting = { window, nowMs: moment.wallMs, currency: tenant.currency, model: 'sources-1' }
    book.trigger(staleTrigger(tenant.id, source), atMs, sighting)
  }
  const heardOf = new Map(answering.map(({ source, polledAtMs }) => [source, polledAtMs]))
  for (const kept of book.of(tenant.id)) {
    const { latest, changedAtMs } = kept.incident
    const heardAtMs = latest.kind === 'data.stale' ? heardOf.get(latest.subject) : undefined
    if (heardAtMs !== undefined) book.step(kept, { type: 'resolve', atMs: Math.max(heardAtMs, changedAtMs) })
  }
}
