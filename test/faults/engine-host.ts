/**
 * One ClickHouse for many faults. Its supervisor gives up after five quick deaths in a row, as it should; a suite that
 * kills it on purpose starts it anew in good time, on the same folder and port, so that all connections stay valid.
 */
import { rmSync } from 'node:fs'
import type { Engine } from '../../clickhouse/engine/start-engine.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { until } from './until.ts'

export interface EngineHost {
  readonly engine: Engine
  readonly warehouse: Warehouse
  readonly folder: string
  /** kill -9. The supervisor brings it back. */
  kill(): void
  /** Resolves when it answers; call it when a fault is over. */
  settle(): Promise<void>
  /** Ends the server in good order, lets `between` work on its folder, and starts it again. */
  restart(between?: () => void | Promise<void>): Promise<void>
  stop(): Promise<void>
}

/** The supervisor's patience is five: two are left for what may happen besides. */
const MAX_KILLS_A_LIFE = 3

export async function startEngineHost(): Promise<EngineHost> {
  let current: TestEngine = await startTestEngine()
  const { folder, engine } = current
  const port = Number(new URL(engine.url).port)
  let kills = 0

  const restart = async (between: () => void | Promise<void> = () => {}) => {
    await current.warehouse.close()
    await current.engine.stop()
    await between()
    current = await startTestEngine({ folder, port })
    kills = 0
  }
  return {
    get engine() {
      return current.engine
    },
    get warehouse() {
      return current.warehouse
    },
    folder,
    kill: () => {
      kills += 1
      current.engine.kill()
    },
    settle: async () => {
      await until('ClickHouse answers', async () => (await current.warehouse.query('SELECT 1')).length === 1)
      if (kills >= MAX_KILLS_A_LIFE) await restart()
    },
    restart,
    stop: async () => {
      await current.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
