/**
 * Mark rows stand first in the table (tenant '') and are sorted by topic, partition and first offset, so that the end
 * of a chain is found by reading the granules behind the last known mark alone, however many marks there are.
 */
const PARTITION_DIGITS = 5
const OFFSET_DIGITS = 16

/** What a mark row carries in `order_id`. */
export function markKey(partition: number, firstOffset: number): string {
  return `${markPrefix(partition)}${String(firstOffset).padStart(OFFSET_DIGITS, '0')}`
}

/** With what the keys of a partition's marks begin. */
export function markPrefix(partition: number): string {
  return `${digitsOf(partition)}/`
}

/** Behind all keys of a partition's marks: 0 is what follows the slash. */
export function markEnd(partition: number): string {
  return `${digitsOf(partition)}0`
}

const digitsOf = (partition: number) => String(partition).padStart(PARTITION_DIGITS, '0')
