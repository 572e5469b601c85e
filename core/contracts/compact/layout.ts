/**
 * The compact form of an order event: positional under a fixed schema number, with a CRC. Nothing is learned at run time,
 * so that whoever wrote it, it reads the same.
 *
 *     u8   schema                           u32  CRC32 of all that follows, little-endian
 *     key: tenant, source, order id         (text: its length in bytes as a varint, then UTF-8)
 *     head: u8 role, version, changedAt, [rereadOf]      content, canonical: what the content's hash covers
 *       u8 kind, u8 status, which optional fields follow (varint of bits, OPTIONAL's order), placedAt,
 *       [paidAt], [cancelledAt], currency, [texts], [amounts], references, payments, refunds, cancellations, lines
 *     lists: their length, then their items; a line: u8 of bits (LINE_…), sku, name, [category], quantity, unit price,
 *       [unit cost], [amount]
 *
 * Integers are varints (LEB128, up to 2^53), amounts are 1/10,000 units in zigzag. It is canonical: an empty text is
 * absent, and so is the amount of a line that is what quantity × unit price says, so that equal contents are equal bytes.
 */
export const COMPACT_SCHEMA = 1
export const KEY_AT = 5

/** Bits of the optional fields of the content; `REREAD` tells of the head. */
export const HAS = {
  paidAt: 1,
  cancelledAt: 1 << 1,
  customerId: 1 << 2,
  region: 1 << 3,
  state: 1 << 4,
  country: 1 << 5,
  channel: 1 << 6,
  salesRep: 1 << 7,
  paymentFingerprint: 1 << 8,
  shipToHash: 1 << 9,
  discount: 1 << 10,
  shipping: 1 << 11,
  tax: 1 << 12,
  total: 1 << 13,
} as const

/** In the order in which they stand. */
export const OPTIONAL_TEXTS = [
  'customerId',
  'region',
  'state',
  'country',
  'channel',
  'salesRep',
  'paymentFingerprint',
  'shipToHash',
] as const
export const OPTIONAL_AMOUNTS = ['discount', 'shipping', 'tax', 'total'] as const

export const LINE_CATEGORY = 1
export const LINE_COST = 2
export const LINE_AMOUNT = 4
/** The high bit of the role: a re-read's id follows the head. */
export const REREAD = 0x80
