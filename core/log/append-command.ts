/** A command onto its topic: whoever it is for reads it there, now or after its next start. */
import type { Command } from '../contracts/commands.ts'
import type { EventLog } from './event-log.ts'

export async function appendCommand(log: EventLog, command: Command): Promise<void> {
  const value = Buffer.from(JSON.stringify(command))
  await log.append('commands', [
    { partition: 0, key: command.tenant, value, contentType: 'application/json' },
  ])
}
