/** An event as it was encoded (encode-event.ts), in either form. Not judged: that is the reader's. */
import { decodeScanned } from './compact/decode-order.ts'
import { CompactScan } from './compact/scan-order.ts'
import type { EncodedEvent } from './encode-event.ts'

/** Throws where the bytes are no JSON, or no compact order. */
export function decodeOrdersEvent({ value, contentType }: EncodedEvent): unknown {
  if (contentType === 'application/json')
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value))
  const scan = new CompactScan()
  const fault = scan.read(value, 0, value.length)
  if (fault !== undefined) throw new Error(fault)
  return decodeScanned(scan)
}
