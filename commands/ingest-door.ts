/** The door for pushed orders, with the keys of the data folder. */
import type { FastifyInstance } from 'fastify'
import { systemClock } from '../core/runtime/clock.ts'
import type { Config } from '../core/runtime/env.ts'
import { type IngestOptions, ingestRoutes } from '../ingest/http/ingest-routes.ts'
import { openKeyBook } from '../ingest/http/key-book.ts'
import { keyFilePath } from '../ingest/http/key-file.ts'

export interface DoorOptions extends Pick<IngestOptions, 'log' | 'logger' | 'registry' | 'ready'> {
  config: Config
}

/** For `createApi`, or any other app. */
export function ingestDoor(options: DoorOptions): (app: FastifyInstance) => void {
  const settings = ingestSettings(options)
  return (app) => ingestRoutes(app, settings)
}

/** What `ingestRoutes` and `createIngestServer` want. */
export function ingestSettings({ config, ...options }: DoorOptions): IngestOptions {
  const path = keyFilePath(config.dataFolder)
  return {
    ...options,
    keys: openKeyBook({ path, clock: systemClock, logger: options.logger }),
    tenants: config.tenants.map(({ id }) => id),
    clock: systemClock,
  }
}
