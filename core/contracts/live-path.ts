/** Apart from `frames.ts` so that a browser can take them without bundling zod. */

/** The websocket's path. */
export const LIVE_PATH = '/api/v1/live'
export const HEARTBEAT_INTERVAL_MS = 5_000
