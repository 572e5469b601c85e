/** A real process that replays, to be killed at any moment: `node --import tsx replay-child.ts LOG FILE UNTIL SPEED`. */
import { systemClock } from '../../../../core/runtime/clock.ts'
import { silentLogger } from '../../../../core/runtime/logger.ts'
import { createReplaySource } from '../replay-source.ts'
import { openTestLog } from './read-log.ts'

const [folder = '', file = '', historyUntil = '', speed = '60'] = process.argv.slice(2)
const log = await openTestLog(folder)
const source = createReplaySource({
  file,
  tenant: 'demo',
  timeZone: 'Europe/London',
  log,
  clock: systemClock,
  logger: silentLogger,
  speed: Number(speed),
  historyUntil,
})
await source.run(new AbortController().signal)
