import { type AuditedView, quoted, tableOf } from './list-audited-views.ts'
import { conditionOf, type Scope } from './scope.ts'

/** Which of the two is negated: what the view has too much, or what has to be added to it. */
export type Direction = 'view - base' | 'base - view'

/**
 * One row per bucket of view and base together, columns k0, k1, … (keys) and s0, s1, … (differences of the sums). Both
 * sides are cast to the types of the view's table, as an insert would, so that only real differences are left.
 */
export function differencesSql(view: AuditedView, scope: Scope, direction: Direction): string {
  const keys = view.keys.map((_, i) => `k${i}`).join(', ')
  const sums = view.sums.map((_, i) => `sum(d${i}) AS s${i}`).join(', ')
  const viewSide = sideSql(view, tableOf(view), scope, direction === 'base - view')
  const baseSide = sideSql(view, `(${view.select})`, scope, direction === 'view - base')
  return `SELECT ${keys}, ${sums} FROM (${viewSide} UNION ALL ${baseSide}) GROUP BY ${keys}`
}

/** True for a row of `differencesSql` whose bucket is wrong. */
export function differsSql(view: AuditedView): string {
  return `(${view.sums.map((_, i) => `s${i} != 0`).join(' OR ')})`
}

function sideSql(view: AuditedView, from: string, scope: Scope, negated: boolean): string {
  const keys = view.keys.map(({ name, type }, i) => `CAST(side.${quoted(name)}, '${escaped(type)}') AS k${i}`)
  const sums = view.sums.map(
    ({ name, type }, i) => `CAST(${negated ? '-' : ''}side.${quoted(name)}, '${escaped(type)}') AS d${i}`,
  )
  return `SELECT ${[...keys, ...sums].join(', ')} FROM ${from} AS side WHERE ${scopeSql(view, scope)}`
}

function scopeSql({ time }: AuditedView, scope: Scope): string {
  return time === undefined ? '1' : conditionOf(scope, `toDate(side.${quoted(time.key)})`)
}

// Types may hold quotes themselves: DateTime('UTC').
const escaped = (type: string) => type.replace(/[\\']/g, '\\$&')
