import type { Told } from '../../../core/contracts/sayings.ts'
import { messages } from '../messages.ts'

/** What a part of the server says of itself, in words of the page where it has any. */
export function tell({ message, code = '', params = {} }: Told): string {
  return messages.server.told[code]?.(params) ?? message
}
