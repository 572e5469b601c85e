/**
 * Holidays and promotions as factors: how many times its ordinary value a step with a named event has.
 *
 * Ordinary is the median of the nearest steps of the same kind (weekday, or neighbouring weeks) without any event. The mean
 * logarithm of value ÷ ordinary over an event's occurrences is shrunk towards that of the other series, and theirs towards
 * none, as if each had been seen K times without effect. Factors of events that coincide are multiplied.
 *
 * Limits: steps with values not above 0 are left out; effects before and after an event are the season's; a factor is held
 * within a fifth and fivefold.
 */

/** Sum of logarithms and number of occurrences, by name. */
export type EventEffects = Map<string, { sum: number; count: number }>

const K = 2
const MAX_LOG_FACTOR = Math.log(5)
/** Ordinary steps that are looked for on each side. */
const NEIGHBOURS = 3

/** `events[i]` names what is on at `values[i]`; `round` steps apart are of the same kind. */
export function observeEvents(
  values: Float64Array,
  events: readonly (readonly string[])[],
  round: number,
): EventEffects {
  const effects: EventEffects = new Map()
  for (let i = 0; i < values.length; i++) {
    if (events[i]!.length === 0 || !(values[i]! > 0)) continue
    const ordinary = ordinaryAround(values, events, i, round)
    if (!(ordinary > 0)) continue
    // Of several at once each is thought to have done an equal part.
    const part = clampLog(Math.log(values[i]! / ordinary)) / events[i]!.length
    for (const name of events[i]!) {
      const known = effects.get(name) ?? { sum: 0, count: 0 }
      effects.set(name, { sum: known.sum + part, count: known.count + 1 })
    }
  }
  return effects
}

export function poolEvents(all: readonly EventEffects[]): EventEffects {
  const pool: EventEffects = new Map()
  for (const effects of all) {
    for (const [name, { sum, count }] of effects) {
      const known = pool.get(name) ?? { sum: 0, count: 0 }
      pool.set(name, { sum: known.sum + sum, count: known.count + count })
    }
  }
  return pool
}

/** One factor for each step; 1 for ordinary ones. */
export function eventFactors(
  own: EventEffects,
  pool: EventEffects,
  events: readonly (readonly string[])[],
): Float64Array {
  return Float64Array.from(events, (names) =>
    Math.exp(clampLog(names.reduce((sum, name) => sum + effectOf(name, own, pool), 0))),
  )
}

function effectOf(name: string, own: EventEffects, pool: EventEffects): number {
  const all = pool.get(name) ?? { sum: 0, count: 0 }
  const of = own.get(name) ?? { sum: 0, count: 0 }
  const shared = all.sum / (all.count + K)
  return (of.sum + K * shared) / (of.count + K)
}

function ordinaryAround(
  values: Float64Array,
  events: readonly (readonly string[])[],
  at: number,
  round: number,
): number {
  const near: number[] = []
  for (const direction of [-round, round]) {
    let found = 0
    for (let i = at + direction; found < NEIGHBOURS && i >= 0 && i < values.length; i += direction) {
      if (events[i]!.length > 0) continue
      near.push(values[i]!)
      found += 1
    }
  }
  near.sort((a, b) => a - b)
  const middle = near.length >> 1
  return near.length % 2 === 1 ? near[middle]! : (near[middle - 1]! + near[middle]!) / 2
}

function clampLog(value: number): number {
  return Math.min(MAX_LOG_FACTOR, Math.max(-MAX_LOG_FACTOR, value))
}
