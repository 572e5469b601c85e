import type { z } from 'zod'
import type { LogRecord } from './event-log.ts'

/** What a record says by its schema; undefined when it does not parse. */
export function parseRecord<Schema extends z.ZodType>(
  record: LogRecord,
  schema: Schema,
): z.infer<Schema> | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(record.value).toString('utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    // Not JSON; the caller counts it.
    return undefined
  }
}
