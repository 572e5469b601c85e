/** Of several servers each has a reconciler of its own: base and views of one batch are always at one server. */
import { shardsOf } from '../../clickhouse/shards.ts'
import {
  createReconciler,
  type Reconciler,
  type ReconcilerOptions,
  type ShardNaming,
} from './create-reconciler.ts'
import { type DriftMetrics, driftMetrics } from './drift-metrics.ts'

/** All of them as one. Views of the servers behind the first are told apart by the server's number: `headline_v1@1`. */
export function reconcileShards(options: ReconcilerOptions): Reconciler {
  const servers = shardsOf(options.warehouse)
  if (servers.length === 1) return createReconciler(options)
  const metrics = driftMetrics(options.registry)
  const all = servers.map((warehouse, index) =>
    createReconciler({ ...options, warehouse, shard: namingOf(index, metrics) }),
  )
  const each = <T>(ask: (one: Reconciler) => Promise<T>) => Promise.all(all.map(ask))
  return {
    start: async () => void (await each((one) => one.start())),
    stop: async () => void (await each((one) => one.stop())),
    auditAll: async (how) => {
      const audits = await each((one) => one.auditAll(how))
      return { complete: audits.every(({ complete }) => complete), audits: audits.flatMap((a) => a.audits) }
    },
    auditDays: async (days) => (await each((one) => one.auditDays(days))).flat(),
    settle: (days) => {
      for (const one of all) one.settle(days)
    },
    isUnsettled: () => all.some((one) => one.isUnsettled()),
    verifying: (view) => all.some((one) => one.verifying(view)),
    checkServer: async () => void (await each((one) => one.checkServer())),
    progress: () => {
      const parts = all.map((one) => one.progress())
      const sum = (part: 'done' | 'total') => parts.reduce((total, progress) => total + progress[part], 0)
      return { done: sum('done'), total: sum('total') }
    },
  }
}

function namingOf(index: number, metrics: DriftMetrics): ShardNaming {
  if (index === 0) return { metrics, nameOf: (view) => view }
  const nameOf = (view: string) => `${view}@${index}`
  return {
    nameOf,
    metrics: {
      observe: (audit, seconds) => metrics.observe({ ...audit, view: nameOf(audit.view) }, seconds),
      fail: (view) => metrics.fail(nameOf(view)),
      settle: (view) => metrics.settle(nameOf(view)),
      isUnsettled: (view) => metrics.isUnsettled(nameOf(view)),
    },
  }
}
