/**
 * A row of `order_changes` in code, and the one list of its columns. Names follow the table (camelCase for
 * snake_case). Amounts and quantities are exact integers of 1/10,000 units (…E4 is left out of the names here, as every
 * `decimal` column is one), instants are ms since the epoch in UTC, days are days since 1970-01-01.
 */
export type ColumnKind =
  | 'string'
  | 'int'
  | 'decimal'
  | 'nullable-decimal'
  | 'instant'
  | 'nullable-instant'
  | 'day'

export interface Column {
  /** Name in ClickHouse. */
  name: string
  field: keyof ChangeRow
  /** Type in ClickHouse, as `input()` wants it. */
  type: string
  kind: ColumnKind
  array: boolean
  /** Of an array: which parallel arrays it is one of. */
  list?: string
}

/** What is stored of an order; `sign` and where the change came from are added by the batch. */
export interface OrderRow {
  tenant: string
  source: string
  orderId: string
  revision: number
  role: string
  kind: string
  version: number
  status: string
  counts: number
  placedAt: number
  paidAt: number | null
  changedAt: number
  cancelledAt: number | null
  zone: string
  saleDay: number
  saleHour: number
  customer: string
  currency: string
  region: string
  state: string
  country: string
  channel: string
  salesRep: string
  discount: number | null
  shipping: number | null
  tax: number | null
  statedTotal: number | null
  gross: number
  refunded: number
  net: number
  paymentFingerprint: string
  shipToHash: string
  referenceSystem: string[]
  referenceId: string[]
  lineSku: string[]
  lineName: string[]
  lineCategory: string[]
  lineQuantity: number[]
  lineUnitPrice: number[]
  lineUnitCost: (number | null)[]
  lineAmount: number[]
  paymentId: string[]
  paymentVersion: number[]
  paymentSince: number[]
  paymentAt: number[]
  paymentAmount: number[]
  cancellationId: string[]
  cancellationVersion: number[]
  cancellationSince: number[]
  cancellationAt: number[]
  refundId: string[]
  refundVersion: number[]
  refundAt: number[]
  refundAmount: number[]
  refundLineRefund: string[]
  refundLineDay: number[]
  refundLineSku: string[]
  refundLineName: string[]
  refundLineQuantity: number[]
  refundLineAmount: number[]
  sightingVersion: number[]
  sightingHash: string[]
  sightingAt: number[]
  sightingPaidAt: (number | null)[]
  sightingPlacedAt: number[]
  sightingKind: string[]
  sightingStatus: string[]
  sightingCounts: number[]
  sightingCurrency: string[]
  sightingGross: number[]
  sightingUnits: number[]
  bookedAt: number[]
  bookedDay: number[]
  bookedHour: number[]
  bookedKind: string[]
  bookedReference: string[]
  bookedCurrency: string[]
  bookedAmount: number[]
  bookedOrders: number[]
  bookedUnits: number[]
}

/** Where and when a row came from. */
export interface Provenance {
  sign: number
  takenAt: number
  topic: string
  incarnation: string
  partition: number
  offset: number
}

/** What only mark rows carry. */
export interface MarkFields {
  markFirst: number
  markLast: number
  markRows: number
  markHash: string
  markCode: string
  markServerStart: number
  progressTenant: string[]
  progressSource: string[]
  progressJson: string[]
  progressFactAt: number[]
}

export type ChangeRow = OrderRow & Provenance & MarkFields

/** How the fields of parallel arrays begin; the longer of two that fit stands first. */
const LISTS = [
  'reference',
  'line',
  'payment',
  'cancellation',
  'refundLine',
  'refund',
  'sighting',
  'booked',
  'progress',
] as const

const STRING = 'LowCardinality(String)'
const DECIMAL = 'Decimal(18, 4)'
const INSTANT = "DateTime64(3, 'UTC')"

/** In the table's order. A test compares it with the table. */
export const ORDER_CHANGES_COLUMNS: readonly Column[] = [
  ...scalars('string', STRING, ['tenant', 'source']),
  ...scalars('string', 'String', ['orderId']),
  ...scalars('int', 'UInt32', ['revision']),
  ...scalars('int', 'Int8', ['sign']),
  ...scalars('instant', INSTANT, ['takenAt']),
  ...scalars('string', STRING, ['topic', 'incarnation']),
  ...scalars('int', 'UInt16', ['partition']),
  ...scalars('int', 'Int64', ['offset']),
  ...scalars('string', STRING, ['role', 'kind']),
  ...scalars('int', 'UInt64', ['version']),
  ...scalars('string', STRING, ['status']),
  ...scalars('int', 'UInt8', ['counts']),
  ...scalars('instant', INSTANT, ['placedAt']),
  ...scalars('nullable-instant', `Nullable(${INSTANT})`, ['paidAt']),
  ...scalars('instant', INSTANT, ['changedAt']),
  ...scalars('nullable-instant', `Nullable(${INSTANT})`, ['cancelledAt']),
  ...scalars('string', STRING, ['zone']),
  ...scalars('day', 'Date', ['saleDay']),
  ...scalars('int', 'UInt8', ['saleHour']),
  ...scalars('string', 'String', ['customer']),
  ...scalars('string', STRING, ['currency', 'region', 'state', 'country', 'channel', 'salesRep']),
  ...scalars('nullable-decimal', `Nullable(${DECIMAL})`, ['discount', 'shipping', 'tax', 'statedTotal']),
  ...scalars('decimal', DECIMAL, ['gross', 'refunded', 'net']),
  ...scalars('string', 'String', ['paymentFingerprint', 'shipToHash']),
  ...arrays('string', STRING, ['referenceSystem']),
  ...arrays('string', 'String', ['referenceId', 'lineSku', 'lineName']),
  ...arrays('string', STRING, ['lineCategory']),
  ...arrays('decimal', DECIMAL, ['lineQuantity', 'lineUnitPrice']),
  ...arrays('nullable-decimal', `Nullable(${DECIMAL})`, ['lineUnitCost']),
  ...arrays('decimal', DECIMAL, ['lineAmount']),
  ...arrays('string', 'String', ['paymentId']),
  ...arrays('int', 'UInt64', ['paymentVersion', 'paymentSince']),
  ...arrays('instant', INSTANT, ['paymentAt']),
  ...arrays('decimal', DECIMAL, ['paymentAmount']),
  ...arrays('string', 'String', ['cancellationId']),
  ...arrays('int', 'UInt64', ['cancellationVersion', 'cancellationSince']),
  ...arrays('instant', INSTANT, ['cancellationAt']),
  ...arrays('string', 'String', ['refundId']),
  ...arrays('int', 'UInt64', ['refundVersion']),
  ...arrays('instant', INSTANT, ['refundAt']),
  ...arrays('decimal', DECIMAL, ['refundAmount']),
  ...arrays('string', 'String', ['refundLineRefund']),
  ...arrays('day', 'Date', ['refundLineDay']),
  ...arrays('string', 'String', ['refundLineSku', 'refundLineName']),
  ...arrays('decimal', DECIMAL, ['refundLineQuantity', 'refundLineAmount']),
  ...arrays('int', 'UInt64', ['sightingVersion']),
  ...arrays('string', 'String', ['sightingHash']),
  ...arrays('instant', INSTANT, ['sightingAt']),
  ...arrays('nullable-instant', `Nullable(${INSTANT})`, ['sightingPaidAt']),
  ...arrays('instant', INSTANT, ['sightingPlacedAt']),
  ...arrays('string', STRING, ['sightingKind', 'sightingStatus']),
  ...arrays('int', 'UInt8', ['sightingCounts']),
  ...arrays('string', STRING, ['sightingCurrency']),
  ...arrays('decimal', DECIMAL, ['sightingGross', 'sightingUnits']),
  ...arrays('instant', INSTANT, ['bookedAt']),
  ...arrays('day', 'Date', ['bookedDay']),
  ...arrays('int', 'UInt8', ['bookedHour']),
  ...arrays('string', STRING, ['bookedKind']),
  ...arrays('string', 'String', ['bookedReference']),
  ...arrays('string', STRING, ['bookedCurrency']),
  ...arrays('decimal', DECIMAL, ['bookedAmount']),
  ...arrays('int', 'Int8', ['bookedOrders']),
  ...arrays('decimal', DECIMAL, ['bookedUnits']),
  ...scalars('int', 'Int64', ['markFirst', 'markLast']),
  ...scalars('int', 'UInt32', ['markRows']),
  ...scalars('string', 'String', ['markHash']),
  ...scalars('string', STRING, ['markCode']),
  ...scalars('int', 'Int64', ['markServerStart']),
  ...arrays('string', STRING, ['progressTenant', 'progressSource']),
  ...arrays('string', 'String', ['progressJson']),
  ...arrays('instant', INSTANT, ['progressFactAt']),
]

/** Lists are replaced, never changed, so that all empty ones may be this one. */
const NONE: never[] = []
Object.freeze(NONE)

/**
 * An order of which nothing is known yet but its key. Written out, because an object that is put together from a list of
 * names is a dictionary to the runtime, and ten times as slow.
 */
export function emptyOrderRow(tenant: string, source: string, orderId: string): OrderRow {
  return {
    tenant,
    source,
    orderId,
    revision: 0,
    role: '',
    kind: '',
    version: 0,
    status: 'unknown',
    counts: 0,
    placedAt: 0,
    paidAt: null,
    changedAt: 0,
    cancelledAt: null,
    zone: '',
    saleDay: 0,
    saleHour: 0,
    customer: '',
    currency: '',
    region: '',
    state: '',
    country: '',
    channel: '',
    salesRep: '',
    discount: null,
    shipping: null,
    tax: null,
    statedTotal: null,
    gross: 0,
    refunded: 0,
    net: 0,
    paymentFingerprint: '',
    shipToHash: '',
    referenceSystem: NONE,
    referenceId: NONE,
    lineSku: NONE,
    lineName: NONE,
    lineCategory: NONE,
    lineQuantity: NONE,
    lineUnitPrice: NONE,
    lineUnitCost: NONE,
    lineAmount: NONE,
    paymentId: NONE,
    paymentVersion: NONE,
    paymentSince: NONE,
    paymentAt: NONE,
    paymentAmount: NONE,
    cancellationId: NONE,
    cancellationVersion: NONE,
    cancellationSince: NONE,
    cancellationAt: NONE,
    refundId: NONE,
    refundVersion: NONE,
    refundAt: NONE,
    refundAmount: NONE,
    refundLineRefund: NONE,
    refundLineDay: NONE,
    refundLineSku: NONE,
    refundLineName: NONE,
    refundLineQuantity: NONE,
    refundLineAmount: NONE,
    sightingVersion: NONE,
    sightingHash: NONE,
    sightingAt: NONE,
    sightingPaidAt: NONE,
    sightingPlacedAt: NONE,
    sightingKind: NONE,
    sightingStatus: NONE,
    sightingCounts: NONE,
    sightingCurrency: NONE,
    sightingGross: NONE,
    sightingUnits: NONE,
    bookedAt: NONE,
    bookedDay: NONE,
    bookedHour: NONE,
    bookedKind: NONE,
    bookedReference: NONE,
    bookedCurrency: NONE,
    bookedAmount: NONE,
    bookedOrders: NONE,
    bookedUnits: NONE,
  }
}

/** One of its lists, by name. */
export function setList(row: OrderRow, field: keyof OrderRow, list: readonly unknown[]): void {
  const fields = row as unknown as Record<string, unknown>
  fields[field] = list
}

function scalars(kind: ColumnKind, type: string, fields: (keyof ChangeRow)[]): Column[] {
  return fields.map((field) => ({ name: snakeCase(field), field, type, kind, array: false }))
}

function arrays(kind: ColumnKind, type: string, fields: (keyof ChangeRow)[]): Column[] {
  return fields.map((field) => {
    const list = LISTS.find((prefix) => field.startsWith(prefix))!
    return { name: snakeCase(field), field, type: `Array(${type})`, kind, array: true, list }
  })
}

function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
