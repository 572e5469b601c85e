/**
 * The live protocol between api and browser, by direction. Frames carry absolute values, never deltas: applying one
 * twice changes nothing. A client that sees `prev` differ from the last `seq` it has, or another `epoch`, asks for a
 * snapshot and shows the old values until it has come.
 */
import { z } from 'zod'
import { AXES, tiles } from './tiles.ts'
import { text } from './wire.ts'

const head = {
  /** One life of the hub; `seq` starts anew with it. */
  epoch: text,
  seq: z.int().nonnegative(),
  /** The tenant's now: wall clock, or the replay's. */
  eventTime: text,
  serverTime: text,
}

/** Everything; the state before it is to be dropped. */
export const snapshotFrame = z.object({ type: z.literal('snapshot'), ...head, set: tiles.partial() })
/** The tiles that differ since `prev`. */
export const updateFrame = z.object({
  type: z.literal('update'),
  ...head,
  prev: z.int().nonnegative(),
  set: tiles.partial(),
})
/** Every five seconds: alive, and how complete each tile is (event time, ISO; null when unknown). */
export const heartbeatFrame = z.object({
  type: z.literal('heartbeat'),
  ...head,
  watermarks: z.record(text, text.nullable()),
})
/** The server says why it is about to close. */
export const goodbyeFrame = z.object({ type: z.literal('goodbye'), reason: text })

export const serverFrame = z.discriminatedUnion('type', [
  snapshotFrame,
  updateFrame,
  heartbeatFrame,
  goodbyeFrame,
])
export type ServerFrame = z.infer<typeof serverFrame>
export type SnapshotFrame = z.infer<typeof snapshotFrame>
export type UpdateFrame = z.infer<typeof updateFrame>
export type HeartbeatFrame = z.infer<typeof heartbeatFrame>

/** First message of a client, and again when it wants another axis. The tenant is the principal's, never the client's. */
export const watchFrame = z.object({ type: z.literal('watch'), axis: z.enum(AXES).default('booked') })
export const resyncFrame = z.object({ type: z.literal('resync'), reason: text.max(200) })
export const clientFrame = z.discriminatedUnion('type', [watchFrame, resyncFrame])
export type ClientFrame = z.infer<typeof clientFrame>

export { HEARTBEAT_INTERVAL_MS, LIVE_PATH } from './live-path.ts'
