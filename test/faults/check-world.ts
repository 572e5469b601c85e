/** The laws of `order_changes` itself, beside the oracle's sums: one chain, one history for each order, nothing twice. */

import { compareView } from '../../clickhouse/audit/compare-view.ts'
import { listAuditedViews } from '../../clickhouse/audit/list-audited-views.ts'
import { toE4 } from '../../core/contracts/money.ts'
import { checkChain } from '../../processors/orders/read-position.ts'
import { PARTITIONS, type World } from './world.ts'

export async function differencesIn(world: World): Promise<string[]> {
  const all = await Promise.all([chains(world), histories(world), amounts(world), views(world)])
  return all.flat()
}

async function chains({ host, database, log }: World): Promise<string[]> {
  const found: string[] = []
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const chain = await checkChain({ warehouse: host.warehouse, database, topic: 'orders', partition })
    const { next } = await log.bounds('orders', partition)
    if (!chain.opened || chain.breaks > 0)
      found.push(`partition ${partition} (ends at ${next}): the chain of marks is ${JSON.stringify(chain)}`)
  }
  const [rows] = await host.warehouse.query<{ told: string; there: string }>(
    `SELECT sum(mark_rows) AS told, countIf(sign != 0) AS there FROM ${database}.order_changes`,
  )
  if (rows!.told !== rows!.there) found.push(`marks tell of ${rows!.told} rows, ${rows!.there} are there`)
  return found
}

/** Revisions 1 … n of an order: one +1 row each, one −1 row each but the first. */
async function histories({ host, database }: World): Promise<string[]> {
  const wrong = await host.warehouse.query<{ order_id: string; revisions: string[]; before: string[] }>(
    `SELECT order_id, arraySort(groupArrayIf(revision, sign = 1)) AS revisions, arraySort(groupArrayIf(revision, sign = -1)) AS before
     FROM ${database}.order_changes WHERE sign != 0 GROUP BY tenant, source, order_id
     HAVING revisions != range(1, length(revisions) + 1) OR before != range(2, length(revisions) + 1) LIMIT 5`,
  )
  return wrong.map((row) => `the history of order ${row.order_id} is ${row.revisions} less ${row.before}`)
}

async function amounts({ host, database, feed, setAside }: World): Promise<string[]> {
  const rows = await host.warehouse.query<{ order_id: string; net: string }>(
    `SELECT order_id, sum(sign * net) AS net FROM ${database}.order_changes WHERE sign != 0 GROUP BY order_id`,
  )
  const there = new Map(rows.map(({ order_id, net }) => [order_id, toE4(net)]))
  const wanted = [...feed.ledger].filter(([id]) => !setAside.has(id))
  const wrong = wanted.filter(([id, netE4]) => there.get(id) !== netE4)
  const strange = [...there.keys()].filter((id) => !feed.ledger.has(id) || setAside.has(id))
  return [
    ...wrong.slice(0, 5).map(([id, netE4]) => `order ${id} is ${there.get(id)}, not ${netE4}`),
    ...strange.slice(0, 5).map((id) => `order ${id} should not be there`),
  ]
}

async function views({ host, database }: World): Promise<string[]> {
  const catalogue = await listAuditedViews(host.warehouse, database)
  const compared = await Promise.all(catalogue.views.map((view) => compareView(host.warehouse, view)))
  return compared.flatMap(({ drifted }, index) =>
    drifted === 0 ? [] : [`${catalogue.views[index]!.name} differs from the base in ${drifted} buckets`],
  )
}
