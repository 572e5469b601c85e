/** What unusual orders become: rows of ClickHouse, and CloudEvents on `anomalies` and `alerts`. Neither names a customer. */
import { createHash } from 'node:crypto'
import type { NewOrder } from '../../../clickhouse/queries/read-new-orders.ts'
import { fromE4 } from '../../../core/contracts/money.ts'
import type { AlertResult, AnomalyResult } from '../../../core/contracts/results.ts'
import type { KeyedEvent } from '../../send-events.ts'
import type { FoundAnomaly } from './judge-orders.ts'
import type { OrderModel } from './order-model.ts'
import { VELOCITY_WINDOW_MS } from './order-watch.ts'

/** Where, when and by what they were found. */
export interface Finding {
  tenant: string
  currency: string
  /** Wall clock, the tenant's now, and its local day. */
  atMs: number
  nowMs: number
  day: string
  model: Pick<OrderModel, 'engine' | 'version'>
  /** Where the wall is: `http://127.0.0.1:4680`. */
  wall: string
}

/** Of a label; a region's name may be as long as that alone. */
const MAX_TEXT = 500
const MAX_DRIVERS = 5

/** Of the order alone: whoever finds it again, after a crash or in another run, tells the same event. */
export function eventIdOf({
  tenant,
  source,
  orderId,
}: Pick<NewOrder, 'tenant' | 'source' | 'orderId'>): string {
  return createHash('sha256').update([tenant, source, orderId].join('\n')).digest('hex').slice(0, 32)
}

export function anomalyRow(found: FoundAnomaly, finding: Finding) {
  const { order } = found.watched
  const { tenant, currency, day, model } = finding
  const { severity, score, threshold, reasons, contributors } = found
  return {
    ...{ tenant, source: order.source, order_id: order.orderId, revision: order.revision },
    ...{ event_id: eventIdOf(order), detected_at: iso(finding.atMs), day },
    ...{ placed_at: iso(order.placedAtMs), behind_ms: behindOf(order, finding) },
    ...{ severity, score, threshold, currency, ...amountsOf(found) },
    ...{ reasons: reasons.en, reasons_pt: reasons['pt-BR'] },
    contributor: contributors.map(({ feature }) => feature),
    contribution: contributors.map(({ weight }) => weight),
    ...{ model: model.engine, model_version: model.version },
  }
}

export function anomalyEvent(found: FoundAnomaly, finding: Finding): KeyedEvent & { value: AnomalyResult } {
  const { order } = found.watched
  const { severity, score, threshold, reasons, contributors } = found
  const from = iso(order.placedAtMs - VELOCITY_WINDOW_MS)
  return {
    key: `${finding.tenant}/${order.orderId}`,
    value: {
      ...envelope('anomaly', order, finding),
      data: {
        ...headOf(finding),
        ...{ subject: 'order', subjectSource: order.source, subjectId: order.orderId },
        ...{ dedupKey: dedupKeyOf(order), severity, currency: finding.currency, ...amountsOf(found) },
        ...{ score, threshold, window: { from, to: iso(order.placedAtMs) } },
        drivers: contributors.slice(0, MAX_DRIVERS),
        explanation: { en: textOf(reasons.en), 'pt-BR': textOf(reasons['pt-BR']) },
        freshness: { now: iso(finding.nowMs), behindMs: behindOf(order, finding) },
        link: linkTo(order, finding),
      },
    },
  }
}

/** For what somebody should look at now. */
export function alertEvent(found: FoundAnomaly, finding: Finding): KeyedEvent & { value: AlertResult } {
  const { order } = found.watched
  const title = `Unusual order ${order.orderId}: ${fromE4(order.amountE4)} ${finding.currency}`
  return {
    key: `${finding.tenant}/${eventIdOf(order)}`,
    value: {
      ...envelope('alert', order, finding),
      data: {
        ...headOf(finding),
        ...{ alertId: eventIdOf(order), dedupKey: dedupKeyOf(order), severity: found.severity },
        ...{ title, detail: textOf(found.reasons.en), state: 'open', link: linkTo(order, finding) },
      },
    },
  }
}

function envelope<Kind extends 'anomaly' | 'alert'>(kind: Kind, order: NewOrder, { tenant, atMs }: Finding) {
  const topic = kind === 'anomaly' ? 'anomalies' : 'alerts'
  return {
    specversion: '1.0',
    type: `revwall.${kind}.v1`,
    id: eventIdOf(order),
    source: `/tenants/${tenant}/${topic}`,
    subject: `${order.source}/${order.orderId}`,
    time: iso(atMs),
    datacontenttype: 'application/json',
  } as const
}

const headOf = ({ tenant, atMs, model }: Finding) => ({
  ...{ schemaVersion: 1 as const, tenant, computedAt: iso(atMs) },
  model: `orders-${model.engine}-${model.version}`,
})

const amountsOf = ({ watched: { order }, expectedE4 }: FoundAnomaly) => ({
  observed: fromE4(order.amountE4),
  expected: expectedE4 === null ? null : fromE4(expectedE4),
})

const dedupKeyOf = (order: NewOrder) => `order/${eventIdOf(order)}`

const linkTo = (order: NewOrder, { wall, tenant }: Finding) =>
  `${wall}/?tenant=${tenant}&anomaly=${eventIdOf(order)}`

const behindOf = ({ placedAtMs }: NewOrder, { nowMs }: Finding) => Math.max(0, Math.round(nowMs - placedAtMs))

const textOf = (reasons: readonly string[]) => reasons.join(', ').slice(0, MAX_TEXT)

const iso = (ms: number) => new Date(ms).toISOString()
