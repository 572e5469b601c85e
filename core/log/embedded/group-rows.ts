/** The rows of a group: its members with the time each was last heard of, and which of them owns a partition. */
import type { GroupView } from './group-plan.ts'
import type { Store } from './store.ts'
import type { Topic } from './topics.ts'

/** A group on one topic. */
export interface GroupId {
  group: string
  topic: Topic
}

interface MemberRow {
  [name: string]: number
  lastSeen: number
  sessionTimeoutMs: number
}

export function readGroup(store: Store, id: GroupId, now: number): GroupView {
  const members = new Map<string, { isAlive: boolean }>()
  for (const { key, value } of store.meta.getRange(rangeOf('member', id))) {
    const row = value as MemberRow
    members.set(String(key[3]), { isAlive: now - row.lastSeen <= row.sessionTimeoutMs })
  }
  const owners = new Map<number, string>()
  for (const { key, value } of store.meta.getRange(rangeOf('owner', id))) {
    owners.set(Number(key[3]), String(value))
  }
  // As stored, so that all members divide the same number.
  const { partitions } = store.meta.get(['topic', id.topic.name]) as { partitions: number }
  return { members, owners, partitions }
}

export function putMember(store: Store, id: GroupId, member: string, row: MemberRow): void {
  store.meta.put([...prefix('member', id), member], row)
}

/** False when the others gave the member up: it must not come back by a heartbeat, its partitions are gone. */
export function touchMember(store: Store, id: GroupId, member: string, now: number): boolean {
  const key = [...prefix('member', id), member]
  const row = store.meta.get(key) as MemberRow | undefined
  if (row) store.meta.put(key, { ...row, lastSeen: now })
  return row !== undefined
}

export function removeMember(store: Store, id: GroupId, member: string): void {
  releasePartitions(store, id, member)
  store.meta.remove([...prefix('member', id), member])
}

export function claimPartitions(
  store: Store,
  id: GroupId,
  member: string,
  partitions: readonly number[],
): void {
  for (const partition of partitions) store.meta.put([...prefix('owner', id), partition], member)
}

export function releasePartitions(store: Store, id: GroupId, member: string): void {
  const owned = [...store.meta.getRange(rangeOf('owner', id))].filter(({ value }) => value === member)
  for (const { key } of owned) store.meta.remove(key)
}

export function putCommit(store: Store, id: GroupId, partition: number, offset: number): void {
  store.meta.put([...prefix('commit', id), partition], offset)
}

export function getCommit(store: Store, id: GroupId, partition: number): number | undefined {
  return store.meta.get([...prefix('commit', id), partition]) as number | undefined
}

type RowKind = 'member' | 'owner' | 'commit'

function prefix(kind: RowKind, { group, topic }: GroupId): (string | number)[] {
  return [kind, group, topic.id]
}

/** All keys that begin with the prefix: in LMDB's order a list comes before its continuations. */
function rangeOf(kind: RowKind, id: GroupId): { start: (string | number)[]; end: (string | number)[] } {
  return { start: prefix(kind, id), end: [kind, id.group, id.topic.id + 1] }
}
