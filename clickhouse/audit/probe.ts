import { compareView } from './compare-view.ts'
import { auditView } from './audit-view.ts'
import { listAuditedViews } from './list-audited-views.ts'
import { mendView } from './mend-view.ts'
import { readMarks } from './read-marks.ts'
import { contextOf, startSeededEngine } from './testing/seed-views.ts'
import { DATABASE } from './testing/write-batch.ts'
const db = await startSeededEngine()
const t = async (n: string, f: () => Promise<unknown>) => { const b = performance.now(); for (let i=0;i<5;i++) await f(); console.log(n, ((performance.now()-b)/5).toFixed(1)) }
const { views } = await listAuditedViews(db.warehouse, DATABASE)
await t('list', () => listAuditedViews(db.warehouse, DATABASE))
await t('select 1', () => db.warehouse.query('select 1'))
for (const v of views) { await t(v.name, () => compareView(db.warehouse, v)); await t(v.name+' scoped', () => compareView(db.warehouse, v, {scope:[{from:'2011-12-08'}]})) }
await t('marks', () => readMarks(db.warehouse, DATABASE))
for (const v of views.slice(1,2)) await t('confirm '+v.name, () => mendView({...contextOf(db.warehouse), view: v, scope:'all', mend: false}))
const n = Number(process.argv[2] ?? 0)
for (let i = 0; i < n; i++) {
await db.warehouse.command(`INSERT INTO ${DATABASE}.order_changes (tenant, source, order_id, revision, sign, taken_at, partition, offset, kind, counts, placed_at, sale_day, sale_hour, customer, currency, country, line_sku, line_name, line_category, line_quantity, line_amount, booked_at, booked_day, booked_hour, booked_kind, booked_reference, booked_currency, booked_amount, booked_orders, booked_units)
SELECT 'acme','shop', toString(number), 1, 1, '2011-12-09 12:00:00', 0, number, 'sale', 1, toDateTime('2011-01-01 00:00:00') + number * 30 as at, toDate(at), 12, toString(number % 5000), 'GBP', 'UK', arrayMap(x -> toString((number*7 + x) % 4000), range(5)) as sk, sk, arrayMap(x->'', sk), arrayMap(x->1, sk), arrayMap(x->2.5, sk), [at], [toDate(at)], [12], ['sale'], [''], ['GBP'], [12.5], [1], [5]
FROM numbers(${i*100000}, 100000)`, { settings: { max_block_size: 100000, max_insert_block_size: 100000 } }) }
if (n) {
 const [c] = await db.warehouse.query<{c: string, b: string}>(`select count() c, (select formatReadableSize(sum(bytes_on_disk)) from system.parts where active and table='order_changes') b from ${DATABASE}.order_changes`); console.log(c)
 for (const v of views) { for (const [nm, scope] of [['all','all'],['2 days',[{from:'2011-11-01', to: '2011-11-02'}]]] as const) { const b = performance.now(); let r; try { r = await compareView(db.warehouse, v, {scope: scope as never}) } catch (e) { console.log(v.name, nm, String(e).slice(0,200)); continue } console.log(v.name, nm, (performance.now()-b).toFixed(0), r.buckets, r.drifted) } }
 await t('marks', () => readMarks(db.warehouse, DATABASE))
}
await db.stop()
