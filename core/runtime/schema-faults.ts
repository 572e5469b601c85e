import type { z } from 'zod'

const MAX_FAULTS = 5

/** Each fault by its place, and nothing of what stands there: `tenants.acme.walls.hall.tiles.2.w: hero takes at least 5`. */
export function schemaFaults({ issues }: z.ZodError): string {
  const lines = issues.map(({ path, message }) => `${path.join('.') || 'all of it'}: ${message}`)
  const more = lines.length > MAX_FAULTS ? [`and ${lines.length - MAX_FAULTS} more`] : []
  return [...lines.slice(0, MAX_FAULTS), ...more].join('; ')
}
