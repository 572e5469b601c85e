/** Signals to roles: killed, told to end, stopped and woken; all of them at once. What was ended is started again. */
import { NOTHING_LASTS, type ProcessFault } from '../process-fault.ts'
import { PROCESSORS, ROLES, type RoleName } from '../roles.ts'

/** Longer than the session of a group's member, so that its partitions go to another one. */
const PAST_SESSION_MS = 13_000

const KINDS: readonly { name: string; of: readonly RoleName[] }[] = [
  { name: 'ingest', of: ['ingest'] },
  { name: 'a processor', of: PROCESSORS },
  { name: 'the api', of: ['api'] },
]

export const ROLE_FAULTS: readonly ProcessFault[] = [
  ...KINDS.flatMap(({ name, of }): ProcessFault[] => [
    {
      name: `${name} is killed`,
      fits: () => true,
      strike: async ({ roles }, random) => {
        await roles.end(random.pick(of), 'SIGKILL')
        return NOTHING_LASTS
      },
    },
    {
      name: `${name} is told to end`,
      fits: () => true,
      strike: async ({ roles }, random) => {
        await roles.end(random.pick(of), 'SIGTERM')
        return NOTHING_LASTS
      },
    },
    {
      name: `${name} is stopped, and wakes`,
      fits: () => true,
      strike: async ({ roles }, random) => {
        const role = random.pick(of)
        roles.signal(role, 'SIGSTOP')
        return () => roles.signal(role, 'SIGCONT')
      },
    },
  ]),
  {
    name: 'a processor sleeps past its session',
    fits: () => true,
    minHoldMs: PAST_SESSION_MS,
    strike: async ({ roles }, random) => {
      const role = random.pick(PROCESSORS)
      roles.signal(role, 'SIGSTOP')
      return () => roles.signal(role, 'SIGCONT')
    },
  },
  {
    name: 'all roles are killed at once',
    fits: () => true,
    strike: async ({ roles }) => {
      await Promise.all(ROLES.map((name) => roles.end(name, 'SIGKILL')))
      return NOTHING_LASTS
    },
  },
]
