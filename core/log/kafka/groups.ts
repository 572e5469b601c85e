/** The groups that one handle takes part in, and the positions that groups committed. */
import { errorCode, errorMessage, RevwallError } from '../../runtime/errors.ts'
import type { GroupMembership } from '../event-log.ts'
import { GroupMember, type MemberOptions, type MemberParts } from './group-member.ts'
import { kafkaErrorType, logClosed } from './kafka-errors.ts'
import { MAX_MEMBERSHIPS } from './limits.ts'

export interface Position {
  /** Kafka's names. */
  group: string
  topic: string
  partition: number
}

export interface Groups {
  join(options: MemberOptions): Promise<GroupMembership>
  commit(position: Position, offset: number): Promise<void>
  committed(position: Position): Promise<number | undefined>
  /** Leaves all groups. */
  close(): Promise<void>
}

/** Of a commit in a rebalance, or of a group that another process is a member of. */
const OVERTAKEN = new Set(['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'])
/** A group without members takes positions from anybody. */
const NOBODY = { memberId: '', groupGenerationId: -1 }

export function createGroups(parts: MemberParts): Groups {
  const { client, logger } = parts
  const members = new Set<GroupMember>()

  const leave = async (member: GroupMember) => {
    members.delete(member)
    await member.leave()
  }
  return {
    join: async (options) => {
      if (members.size >= MAX_MEMBERSHIPS) throw tooManyMembers()
      const member = new GroupMember(parts, options)
      members.add(member)
      try {
        await member.start()
      } catch (error) {
        members.delete(member)
        throw error
      }
      if (client.isClosed()) throw logClosed()
      return { assigned: () => member.assigned(), leave: () => leave(member) }
    },
    commit: async ({ group, topic, partition }, offset) => {
      const member = [...members].find((each) => each.group === group && each.assigned().includes(partition))
      const identity = (member ?? [...members].find((each) => each.group === group))?.identity ?? NOBODY
      const topics = [{ topic, partitions: [{ partition, offset: String(offset) }] }]
      try {
        await client.withCoordinator(group, (broker) =>
          broker.offsetCommit({ groupId: group, ...identity, topics }),
        )
      } catch (error) {
        if (!OVERTAKEN.has(kafkaErrorType(error) ?? '')) throw error
        // The partition's next owner begins from the mark and commits from there: lag tools are late, nothing else.
        logger.debug('a position was not committed', {
          group,
          code: errorCode(error),
          why: errorMessage(error),
        })
      }
    },
    committed: async ({ group, topic, partition }) => {
      const topics = [{ topic, partitions: [{ partition }] }]
      const answer = await client.withCoordinator(group, (broker) =>
        broker.offsetFetch({ groupId: group, topics }),
      )
      const offset = Number(answer.responses[0]!.partitions[0]!.offset)
      return offset < 0 ? undefined : offset
    },
    close: async () => {
      await Promise.all([...members].map(leave))
    },
  }
}

function tooManyMembers(): RevwallError {
  return new RevwallError(
    'LOG_TOO_MANY_MEMBERS',
    `A handle can be a member of groups ${MAX_MEMBERSHIPS} times.`,
  )
}
