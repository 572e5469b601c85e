/** ClickHouse killed, stopped, away for long; the way to it cut or slow. */
import { setTimeout as delay } from 'node:timers/promises'
import { isRunning } from '../../../cli/process-tree.ts'
import { NOTHING_LASTS, type ProcessFault } from '../process-fault.ts'
import type { ProcessWorld } from '../process-world.ts'

const CUTS = 5
const CUT_EVERY_MS = 400
const SLOW_MS = [50, 300, 1_500] as const

export const CLICKHOUSE_FAULTS: readonly ProcessFault[] = [
  {
    name: 'ClickHouse is killed',
    fits: () => true,
    strike: async (world) => {
      await signalClickhouse(world, 'SIGKILL')
      return NOTHING_LASTS
    },
  },
  {
    name: 'ClickHouse is stopped, and wakes',
    fits: () => true,
    strike: async (world) => {
      const pid = await signalClickhouse(world, 'SIGSTOP')
      return () => void (pid !== undefined && isRunning(pid) && process.kill(pid, 'SIGCONT'))
    },
  },
  {
    name: 'the host of ClickHouse is killed',
    fits: ({ layout }) => layout.clickhouse === 'hosted',
    strike: async ({ hostOfClickhouse, roles }) => {
      const host = hostOfClickhouse()
      if (host !== undefined) await roles.end(host, 'SIGKILL')
      return NOTHING_LASTS
    },
  },
  {
    name: 'ClickHouse is away while orders come in',
    fits: ({ layout }) => layout.clickhouse === 'apart',
    strike: async ({ apart, pace }) => {
      let back = () => {}
      const away = new Promise<void>((resolve) => {
        back = resolve
      })
      const restarted = apart!.host.restart(() => away)
      await delay(pace.awayMs)
      return async () => {
        back()
        await restarted
      }
    },
  },
  {
    name: 'the connections to ClickHouse are cut',
    fits: ({ layout }) => layout.clickhouse === 'apart',
    strike: async ({ apart }) => {
      for (let cut = 0; cut < CUTS; cut++) {
        apart!.road.cutAll()
        await delay(CUT_EVERY_MS)
      }
      return NOTHING_LASTS
    },
  },
  {
    name: 'the connections to ClickHouse are slow',
    fits: ({ layout }) => layout.clickhouse === 'apart',
    strike: async ({ apart }, random) => {
      apart!.road.slow(random.pick(SLOW_MS))
      return () => apart!.road.slow(0)
    },
  },
]

/** Undefined where none runs just now. */
async function signalClickhouse(world: ProcessWorld, signal: NodeJS.Signals): Promise<number | undefined> {
  const { apart, hostOfClickhouse, house } = world
  if (apart !== undefined && signal === 'SIGKILL') {
    // Counted there: its supervisor's patience has an end.
    apart.host.kill()
    return undefined
  }
  const host = hostOfClickhouse()
  const pid = apart?.host.engine.pid ?? (host && (await house.of(host).clickhousePid()))
  if (pid !== undefined && isRunning(pid)) process.kill(pid, signal)
  return pid
}
