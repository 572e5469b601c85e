/**
 * Who gets which partitions, as pure decisions. Every member decides for itself from the same rows: partitions go
 * round the sorted members, and one that changes hands is first let go by its former owner.
 */

import { assignPartitions } from '../assign-partitions.ts'

export interface GroupView {
  /** Whether each registered member has been heard of within its own session timeout. */
  members: ReadonlyMap<string, { isAlive: boolean }>
  /** Member by partition. */
  owners: ReadonlyMap<number, string>
  partitions: number
}

export type GroupStep =
  /** The member has no row: it is new, or the others gave it up. */
  | { kind: 'register' }
  | { kind: 'expire'; dead: string[] }
  /** What the member holds is not what it should: it lets all of it go. */
  | { kind: 'revoke' }
  | { kind: 'claim'; partitions: number[] }
  /** Another member has not let go yet. */
  | { kind: 'wait' }
  | { kind: 'settled' }

/** `owned` is what the member's handlers were last told; the rows may say otherwise after a lapse. */
export function decideStep(view: GroupView, me: string, owned: readonly number[]): GroupStep {
  if (!view.members.has(me)) return { kind: 'register' }
  const dead = [...view.members].filter(([id, { isAlive }]) => id !== me && !isAlive).map(([id]) => id)
  if (dead.length > 0) return { kind: 'expire', dead }
  const target = assignPartitions([...view.members.keys()], view.partitions).get(me)!
  const isMine = (partition: number) => view.owners.get(partition) === me
  if (isSame(owned, target) && target.every(isMine)) return { kind: 'settled' }
  if (owned.length > 0) return { kind: 'revoke' }
  const isFree = (partition: number) => !view.members.has(view.owners.get(partition) ?? '')
  return target.every((partition) => isMine(partition) || isFree(partition))
    ? { kind: 'claim', partitions: target }
    : { kind: 'wait' }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((partition, index) => partition === b[index])
}
