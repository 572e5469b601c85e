/** Every bound of the door for pushed events, by name. What happens at a bound stands beside it. */

/** Of one body, and of the events in it. More is 413, and nothing of the request is taken. */
export const MAX_BODY_BYTES = 16 * 2 ** 20
export const MAX_ITEMS = 10_000

/** Of one event as it comes and as it stands in the log: that item is rejected. The log takes twice that. */
export const MAX_EVENT_BYTES = 4 * 2 ** 20

/** Levels of one JSON text; an event needs six. A deeper text is refused before it is parsed. */
export const MAX_DEPTH = 32
/** Commas of one JSON text: what parsing costs is the number of values, not of bytes. A third of a second at most. */
export const MAX_VALUES = 500_000

/** A body that is not there by then is 408. */
export const BODY_WITHIN_MS = 30_000

/** A client that is still sending does not listen: so much more is taken and dropped before it is told, no longer. */
export const MAX_DRAINED_BYTES = 64 * 2 ** 20
export const DRAIN_WITHIN_MS = 5_000

/** At one time over all requests; one more is 503 with Retry-After. */
export const MAX_REQUESTS = 256
export const MAX_BYTES_AT_ONCE = 128 * 2 ** 20

/** Rejected items that an answer lists; the number tells of all. */
export const MAX_REJECTED_LISTED = 1_000

/** Events that are judged before others get their turn. */
export const ITEMS_PER_TURN = 200

/** A source's progress is told at most so often when it pushes, and so often while it is silent. */
export const PROGRESS_INTERVAL_MS = 1_000
export const IDLE_PROGRESS_INTERVAL_MS = 5_000
/** A source that has pushed nothing for this long is no longer vouched for: the wall calls it stale. */
export const SILENT_FOR_MS = 24 * 3_600_000
/** Sources that are vouched for; of more, the one that has been silent for the longest is forgotten. */
export const MAX_SOURCES = 1_000
