/** Every bound of the embedded log, by name. What happens at a bound stands beside it. */

/** Fills 16 LMDB pages of 4 KB with their header; a bigger record gets a chunk of its own. */
export const MAX_CHUNK_BYTES = 65_536 - 64

/** A record above this is refused with LOG_RECORD_TOO_LARGE: LMDB needs its pages in one run. */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024

/** The key's length is stored in 16 bits; a longer one is refused with LOG_RECORD_TOO_LARGE. */
export const MAX_KEY_BYTES = 65_535

/** One append may not pass these (LOG_APPEND_TOO_LARGE): it is one transaction, which blocks the thread. */
export const MAX_APPEND_BYTES = 128 * 1024 * 1024
export const MAX_APPEND_RECORDS = 500_000

/** Appends that wait for the same fsync. At either bound the group is written at once, by the caller's own turn. */
export const MAX_GROUPED_APPENDS = 1_000
export const MAX_GROUPED_BYTES = 8 * 1024 * 1024

/** Chunks removed in one transaction by a trim, so that writers and this thread get their turn in between. */
export const MAX_TRIMMED_CHUNKS = 1_000

/** What one trim step needs at most: the list of 1,000 × 16 pages that it frees, and the tree's changed pages. */
export const TRIM_RESERVE_BYTES = 1024 * 1024

/** Callers of `waitForRecords` at one time; one more is refused with LOG_TOO_MANY_WAITERS. */
export const MAX_WAITERS = 10_000

/** Memberships of one handle; one more is refused with LOG_TOO_MANY_MEMBERS. */
export const MAX_MEMBERSHIPS = 1_000

export const MAX_TOPIC_PARTITIONS = 10_000
export const MAX_NAME_LENGTH = 200

/** Readers over all processes and handles; LMDB refuses one more, and `readerCheck` frees those of the dead. */
export const MAX_READERS = 1_022

/** Room for MAX_READERS slots of 64 bytes and LMDB's header, in whole pages. */
export const LOCK_FILE_BYTES = 68 * 1024

/** Address space reserved for the file. Beyond it LMDB maps anew, which works but keeps the old map until close. */
export const DEFAULT_MAP_SIZE_BYTES = 256 * 1024 ** 3

/** A folder with less than this is refused with LOG_FULL before LMDB makes its files there. */
export const MIN_FREE_BYTES_TO_CREATE = 512 * 1024

/** How long a lost wake-up can go unnoticed. */
export const DEFAULT_POLL_INTERVAL_MS = 250

/** How often the read slots of dead processes are freed. */
export const DEFAULT_READER_CHECK_INTERVAL_MS = 30_000

/** A member that has not been heard of for this long loses its partitions. */
export const DEFAULT_SESSION_TIMEOUT_MS = 10_000
