/** The groups that one handle takes part in: one timer and one transaction beat for all its members. */
import { randomUUID } from 'node:crypto'
import { errorCode, errorMessage, RevwallError } from '../../runtime/errors.ts'
import type { GroupHandlers, GroupMembership } from '../event-log.ts'
import { GroupMember, type MemberParts } from './group-member.ts'
import type { GroupId } from './group-rows.ts'
import { MAX_MEMBERSHIPS } from './limits.ts'

/** A member may miss three beats before the others give it up. */
const BEATS_PER_SESSION = 4

export interface Groups {
  join(id: GroupId, handlers: GroupHandlers): Promise<GroupMembership>
  /** The rows may have changed. */
  check(): void
  /** Leaves all groups. */
  close(): Promise<void>
}

export function createGroups(parts: MemberParts): Groups {
  const members = new Set<GroupMember>()
  let timer: NodeJS.Timeout | undefined

  const follow = (member: GroupMember) => void member.follow().catch((error) => warn(parts, error))
  const check = () => {
    for (const member of members) follow(member)
  }
  const beat = () => {
    try {
      const now = parts.clock.now()
      parts.store.transact(() => {
        for (const member of members) member.beat(now)
      })
    } catch (error) {
      warn(parts, error)
    }
    check()
  }
  const leave = async (member: GroupMember) => {
    if (!members.delete(member)) return
    if (members.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
    await member.leave()
  }
  const join = async (id: GroupId, handlers: GroupHandlers) => {
    if (members.size >= MAX_MEMBERSHIPS) throw tooManyMembers()
    const member = new GroupMember(parts, id, randomUUID(), handlers)
    members.add(member)
    timer ??= setInterval(beat, parts.sessionTimeoutMs / BEATS_PER_SESSION)
    try {
      await member.follow()
    } catch (error) {
      await leave(member).catch((cause) => warn(parts, cause))
      throw error
    }
    return { assigned: () => member.assigned(), leave: () => leave(member) }
  }
  return {
    join,
    check,
    close: async () => {
      // Whatever fails here, the session timeout does for the others.
      for (const { reason } of await Promise.allSettled([...members].map(leave)).then(failures))
        warn(parts, reason)
    },
  }
}

function failures(results: PromiseSettledResult<void>[]): PromiseRejectedResult[] {
  return results.filter((result) => result.status === 'rejected')
}

function warn({ logger }: MemberParts, error: unknown): void {
  logger.warn('The log could not keep a group up to date and will try again', {
    code: errorCode(error),
    error: errorMessage(error),
  })
}

function tooManyMembers(): RevwallError {
  const message = `This handle is ${MAX_MEMBERSHIPS} members of groups already.`
  return new RevwallError('LOG_TOO_MANY_MEMBERS', message)
}
