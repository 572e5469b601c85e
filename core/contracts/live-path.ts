/** Apart from `frames.ts` so that a browser can take them without bundling zod. */

/** The websocket's path. */
export const LIVE_PATH = '/api/v1/live'
export const HEARTBEAT_INTERVAL_MS = 5_000

/** Why a client asks for everything anew; whatever else it says counts as `other`. */
export const RESYNC_REASONS = ['gap', 'epoch', 'malformed', 'checksum'] as const
export type ResyncReason = (typeof RESYNC_REASONS)[number]

/** The goodbye to a wall whose access has ended: asking for it again is of no use before somebody signs in. */
export const SIGNED_OUT = 'signed out'
