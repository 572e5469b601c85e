/** What to say of a number of partitions that a topic cannot have, in both logs. */
export function mismatch(topic: string, has: number, asked: number): string {
  return (
    `Topic ${topic} has ${has} partitions, not ${asked}; keep the number it was made with. ` +
    'More of them must be a multiple: revwall partitions grow N.'
  )
}
