/**
 * Events to the endpoints of their tenants: one process leads, and runs each endpoint by itself. Which endpoints there are
 * stands in a file that `revwall endpoints` changes meanwhile. It is of all runs, for results of a run that is not shown do
 * not come to the log, and what was sent by one must not be sent again by the next.
 */
import type { Registry } from 'prom-client'
import { fileState } from '../../core/runtime/change-file.ts'
import { errorMessage } from '../../core/runtime/errors.ts'
import { leadGroup } from '../lead-group.ts'
import { patiently } from '../patiently.ts'
import {
  DELIVERY_LIMITS,
  type DeliveryLimits,
  type DeliveryPorts,
  deliverEndpoint,
  type EndpointDelivery,
} from './deliver-endpoint.ts'
import { type DeliveryMetrics, deliveryMetrics } from './delivery-metrics.ts'
import { changeEndpoints, type Endpoint, readEndpoints } from './endpoint-file.ts'
import { keepRows } from './keep-rows.ts'
import { openReplays } from './replay-deliveries.ts'

export interface DeliveryOptions extends DeliveryPorts {
  /** The file of endpoints. */
  path: string
  tenants: readonly string[]
  registry: Registry
  signal: AbortSignal
  limits?: Partial<DeliveryLimits>
  /** Between what was sent and its row; for tests. */
  afterSend?: () => Promise<void>
}

interface Running {
  endpoint: Endpoint
  delivery: EndpointDelivery
  end(): Promise<void>
}

const GROUP = 'delivery'
const LOOK_INTERVAL_MS = 500

/** Resolves when the signal came and nothing runs any more. */
export function deliverEvents(options: DeliveryOptions): Promise<void> {
  const running = new Map<string, Running>()
  const metrics = deliveryMetrics(options.registry, {
    queues: () => [...running.values()].map(({ delivery }) => delivery.queue()),
    now: options.clock.now,
  })
  return leadGroup(options, GROUP, 'events are delivered later', async (signal, onSuccess) => {
    try {
      await lead({ ...options, signal }, { running, metrics, onSuccess })
    } finally {
      await Promise.all([...running.values()].map((each) => each.end()))
      running.clear()
    }
  })
}

async function lead(
  options: DeliveryOptions,
  {
    running,
    metrics,
    onSuccess,
  }: { running: Map<string, Running>; metrics: DeliveryMetrics; onSuccess: () => void },
): Promise<void> {
  const { signal, path, logger, tenants } = options
  let seen = ''
  let endpoints: readonly Endpoint[] = []
  const replays = await openReplays({
    ...options,
    keep: keepRows({ ...options, name: 'delivery:commands' }),
    find: (id) => endpoints.find((endpoint) => endpoint.id === id),
    onQueued: (id) => running.get(id)?.delivery.refresh(),
  })
  while (!signal.aborted) {
    await look()
    await replays.takeCommands(LOOK_INTERVAL_MS, signal)
    onSuccess()
  }

  /** A file that went bad changes nothing. */
  async function look(): Promise<void> {
    const state = fileState(path)
    if (state === seen) return
    seen = state
    try {
      endpoints = readEndpoints(path).filter(({ tenant }) => tenants.includes(tenant))
    } catch (error) {
      logger.error('the file of endpoints is left as it was read before', { why: errorMessage(error) })
      return
    }
    const open = new Map(
      endpoints.flatMap((each) => (each.disabled === null ? [[each.id, each] as const] : [])),
    )
    for (const [id, each] of running) {
      if (JSON.stringify(open.get(id)) === JSON.stringify(each.endpoint)) continue
      running.delete(id)
      await each.end()
    }
    for (const [id, endpoint] of open)
      if (!running.has(id)) running.set(id, begin(endpoint, options, metrics))
  }
}

function begin(endpoint: Endpoint, options: DeliveryOptions, metrics: DeliveryMetrics): Running {
  const stopping = new AbortController()
  const signal = AbortSignal.any([options.signal, stopping.signal])
  const limits = { ...DELIVERY_LIMITS, ...options.limits }
  const delivery = deliverEndpoint({
    ...options,
    ...{ endpoint, metrics, limits, signal },
    onGone: () => disable(endpoint, options),
  })
  const complaint = `${endpoint.id} is delivered to later`
  const done = patiently({ ...options, signal, complaint }, (onSuccess) => delivery.run(onSuccess))
  return {
    endpoint,
    delivery,
    end: () => {
      stopping.abort()
      return done
    },
  }
}

async function disable({ id, name }: Endpoint, { path, clock, logger }: DeliveryOptions): Promise<void> {
  const disabled = { at: new Date(clock.now()).toISOString(), why: 'it answered 410: it is gone' }
  await changeEndpoints(path, clock, (all) =>
    all.map((each) => (each.id === id ? { ...each, disabled } : each)),
  )
  logger.warn('an endpoint is gone, and gets nothing any more', { endpoint: id, name })
}
