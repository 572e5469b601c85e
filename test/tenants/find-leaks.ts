/**
 * Whether anything of one tenant is in what another is told. Two ways, because each misses something: by words and amounts
 * that only the other has, and by comparison with a world in which the other never was, where sums and counts show too.
 */
import type { TenantCase } from './shops.ts'

/** The words of the other in an answer, where the question itself did not have them. */
export function foreignWords(text: string, other: TenantCase, question = ''): string[] {
  const asked = decodeURIComponent(question.replaceAll('+', ' '))
  return other.words.filter((word) => {
    // Names in whatever case; codes as they are, for bad records and cursors have letters of all kinds.
    const pattern = new RegExp(`\\b${word.replaceAll('.', '\\.')}\\b`, /^[A-Z]{3}$/.test(word) ? '' : 'i')
    return pattern.test(text) && !pattern.test(asked)
  })
}

const WALL_CLOCK = /\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g
const ORIGIN = /\b(orders|customers|products|rates):[^:"]+:\d+:\d+/g

/**
 * An answer without what belongs to the run and not to the tenant: the hour at which it was filled, offsets, how long ago
 * its sources were heard of, and the order of what came at the same moment.
 */
export function withoutTheRun(text: string, beganAtMs: number): string {
  const timeless = text
    .replaceAll(WALL_CLOCK, (at) =>
      Date.parse(`${at.slice(0, 10)}T${at.slice(11, 19)}Z`) >= beganAtMs ? 'now' : at,
    )
    .replaceAll(ORIGIN, '$1')
  try {
    return JSON.stringify(JSON.parse(timeless), withoutMoment)
  } catch {
    return timeless
  }
}

function withoutMoment(key: string, value: unknown): unknown {
  if (key === 'freshness' || key === 'offsets' || key === 'offset') return undefined
  if (key !== 'letters' || !Array.isArray(value)) return value
  return value.map((letter) => JSON.stringify(letter)).sort()
}

/** Rows of any order, without the columns that belong to the run. */
export function rowsWithoutTheRun(rows: readonly Record<string, unknown>[], beganAtMs: number): string[] {
  return rows.map(({ incarnation, offset, ...row }) => withoutTheRun(JSON.stringify(row), beganAtMs)).sort()
}
