/** The one of several roles that has the embedded server as its child, and tells the others where it is. */
import type { Engine } from '../clickhouse/engine/start-engine.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { type Claim, takeClaim } from '../core/runtime/claim.ts'
import type { Config } from '../core/runtime/env.ts'
import { ENGINE_CLAIM } from '../core/runtime/lock-folder.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { forgetDeadRoles } from '../core/runtime/role-file.ts'
import { followingWarehouse } from './following-warehouse.ts'
import { startEmbedded } from './open-warehouse.ts'
import type { WarehouseState } from './start-warehouse.ts'

export interface EngineHost {
  state(): WarehouseState
  /** The server failed too often in a row: the claim is better given up. */
  hasGivenUp(): boolean
  /** The server first: as soon as the claim is free, another starts one on the same data. */
  end(): Promise<void>
}

export interface HostOptions {
  config: Config
  logger: Logger
  /** Tables and opening marks, before others hear of the server. */
  prepare: (warehouse: Warehouse) => Promise<void>
  /** Another life of the server answers. */
  onLife: (url: string, life: string) => void
}

/** Undefined where another was faster. */
export async function hostEngine(options: HostOptions): Promise<EngineHost | undefined> {
  const { config, logger, prepare } = options
  const claim = takeClaim(config.dataFolder, ENGINE_CLAIM)
  if (claim === undefined) return undefined
  let engine: Engine | undefined
  const own = followingWarehouse(config.shards)
  try {
    engine = await startEmbedded(config, logger)
    forgetDeadRoles(config.dataFolder)
    own.follow(engine)
    await prepare(own.warehouse)
    return hostOf(engine, claim, options)
  } catch (error) {
    await engine?.stop()
    claim.release()
    throw error
  } finally {
    await own.warehouse.close()
  }
}

function hostOf(engine: Engine, claim: Claim, { logger, onLife }: HostOptions): EngineHost {
  let state: WarehouseState = 'up'
  const tell = () => {
    state = 'up'
    claim.tell({ warehouse: engine.url, life: engine.lifeId })
    onLife(engine.url, engine.lifeId)
  }
  engine.on('down', (reason) => {
    state = 'restarting'
    logger.warn('ClickHouse ended; starting it again', { reason })
  })
  engine.on('up', () => {
    logger.info('ClickHouse is back')
    tell()
  })
  engine.on('gaveUp', (error) => {
    state = 'down'
    logger.error('ClickHouse stays down', { error })
  })
  tell()
  return {
    state: () => state,
    hasGivenUp: () => state === 'down',
    end: async () => {
      await engine.stop()
      claim.release()
    },
  }
}
