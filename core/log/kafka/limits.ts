/** Every bound of the log on Kafka, by name. What happens at a bound stands beside it. */

/** A record above this is refused with LOG_RECORD_TOO_LARGE, as in the embedded log. */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024

/** `max.message.bytes` of topics that we make: one largest record with its batch around it. */
export const TOPIC_MESSAGE_BYTES = 9 * 1024 * 1024

/** One append may not pass these (LOG_APPEND_TOO_LARGE), as in the embedded log. */
export const MAX_APPEND_BYTES = 128 * 1024 * 1024
export const MAX_APPEND_RECORDS = 500_000

/** Appends of this time share a send; while one is under way the next ones gather without a timer. */
export const LINGER_MS = 2

/** Of one send. Just below the 1,048,588 bytes that a topic of other people's making takes as a batch. */
export const SEND_BYTES = 900_000

/** What the protocol adds to a record, about: offsets, lengths, the content type. */
export const RECORD_OVERHEAD_BYTES = 64

/** Appends that wait for Kafka; one more is refused with LOG_FULL, as nothing of it was sent. */
export const MAX_WAITING_BYTES = 128 * 1024 * 1024

/** Asked for at once by a read; a longer one asks again, so that other work gets its turn. */
export const FETCH_BYTES = 4 * 1024 * 1024

/** Records fetched and not read yet; the parts not asked for the longest are dropped, and fetched again if need be. */
export const READ_AHEAD_BYTES = 32 * 1024 * 1024

/** How long one wait at the broker lasts, so also how long a `close` may take. */
export const POLL_MS = 500

/** What a wait brings along of each partition, for the read that follows. */
export const POLL_PARTITION_BYTES = 256 * 1024

/** Connections of one handle that wait at one broker; beyond it, who begins to wait is heard within POLL_MS. */
export const MAX_POLLS_PER_BROKER = 4

/** How soon a handle hears of new partitions. */
export const LOOK_INTERVAL_MS = 3_000

/** Callers of `waitForRecords` at one time; one more is refused with LOG_TOO_MANY_WAITERS. */
export const MAX_WAITERS = 10_000

/** Memberships of one handle, each a connection; one more is refused with LOG_TOO_MANY_MEMBERS. */
export const MAX_MEMBERSHIPS = 100

/** A member that has not been heard of for this long loses its partitions. */
export const DEFAULT_SESSION_TIMEOUT_MS = 10_000

/** How soon a member hears of a rebalance. */
export const DEFAULT_HEARTBEAT_MS = 500

/** How long the others wait for a member that is letting go: a batch that is written must have its time. */
export const REBALANCE_TIMEOUT_MS = 60_000

/** What fails in passing is tried so often, 3 s in all, before it is told as LOG_UNREACHABLE. */
export const MAX_ATTEMPTS = 6
export const FIRST_RETRY_MS = 100
export const LONGEST_RETRY_MS = 1_600

/** A send is tried for 10 s: a broker that restarts is back by then. */
export const SEND_RETRIES = 10

export const CONNECTION_TIMEOUT_MS = 3_000
export const REQUEST_TIMEOUT_MS = 30_000
