/**
 * The live protocol between api and browser, by direction. Frames carry absolute values, never deltas: applying one
 * twice changes nothing. A client that sees a `prev` beyond the last `seq` it has, another `epoch`, or a heartbeat that
 * tells of another state than it holds, asks for a snapshot and shows the old values until it has come.
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
/** The tiles that differ since `prev`, which may lie many frames back: the newest value of each. */
export const updateFrame = z.object({
  type: z.literal('update'),
  ...head,
  prev: z.int().nonnegative(),
  /** The epoch that `prev` is of, where another process sent that frame: whoever holds it goes on with this one's. */
  from: text.optional(),
  set: tiles.partial(),
})
/**
 * Every five seconds: alive, and how complete each tile is (event time, ISO; null when unknown). Whoever gets it has been
 * sent everything up to its `seq`. Every second one has the checksum (`checksum.ts`) of all tiles at that `seq`: a frame
 * of its own would be one more to send, to lose and to put in order, and would say the same `seq` once again.
 */
export const heartbeatFrame = z.object({
  type: z.literal('heartbeat'),
  ...head,
  watermarks: z.record(text, text.nullable()),
  checksum: text.optional(),
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

/**
 * First message of a client, and again when it wants another axis or has paused. The tenant is the principal's, never
 * the client's. `resume` is the state that it still holds: if the hub can tell what differs since, it sends one update
 * that follows that `seq` (an empty one when nothing does), else a snapshot. `elsewhere`: an update with `from` is understood.
 */
export const watchFrame = z.object({
  type: z.literal('watch'),
  axis: z.enum(AXES).default('booked'),
  resume: z
    .object({ epoch: text.max(100), seq: z.int().nonnegative(), elsewhere: z.boolean().optional() })
    .optional(),
})
/** Nobody looks: nothing is sent until the next `watch`, heartbeats neither. */
export const pauseFrame = z.object({ type: z.literal('pause') })
/** Something does not fit: send everything. `reason` is one of RESYNC_REASONS. */
export const resyncFrame = z.object({ type: z.literal('resync'), reason: text.max(200) })
export const clientFrame = z.discriminatedUnion('type', [watchFrame, pauseFrame, resyncFrame])
export type Resume = NonNullable<z.infer<typeof watchFrame>['resume']>
export type ClientFrame = z.infer<typeof clientFrame>

export { HEARTBEAT_INTERVAL_MS, LIVE_PATH, RESYNC_REASONS } from './live-path.ts'
