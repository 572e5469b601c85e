/**
 * Events live for years in the log; code does not. An upcaster turns an event of version n into one of n + 1; they are
 * chained until there is none left. They are pure, and tried on the stored corpus.
 */
export type Upcaster = (event: Record<string, unknown>) => Record<string, unknown>
export type Upcasters = Record<string, Record<number, Upcaster>>

export function upcast(raw: unknown, upcasters: Upcasters): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw
  let event = raw as Record<string, unknown>
  const steps =
    typeof event.type === 'string' && Object.hasOwn(upcasters, event.type) ? upcasters[event.type] : undefined
  if (steps === undefined) return event
  for (let step = stepFor(event, steps); step !== undefined; step = stepFor(event, steps)) {
    const before = event.schemaVersion as number
    event = step(event)
    if (event.schemaVersion !== before + 1)
      throw new Error(`the upcaster of ${event.type} ${before} must reach ${before + 1}`)
  }
  return event
}

function stepFor(event: Record<string, unknown>, steps: Record<number, Upcaster>): Upcaster | undefined {
  const version = event.schemaVersion
  return typeof version === 'number' && Object.hasOwn(steps, version) ? steps[version] : undefined
}
