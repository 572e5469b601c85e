/** `revwall dead-letters`: what could not be taken, and what somebody decides about it. */
import { userInfo } from 'node:os'
import { readRuns } from '../clickhouse/runs/read-runs.ts'
import { DEAD_LETTER_REASONS } from '../core/contracts/dead-letters.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { errorCode, errorMessage, RevwallError } from '../core/runtime/errors.ts'
import { findLetters, type Letter, MAX_LETTERS } from '../processors/dead-letters/find-letters.ts'
import { recordOutcomes } from '../processors/dead-letters/letter-outcomes.ts'
import { replayLetters } from '../processors/dead-letters/replay-letters.ts'
import type { Command, CommandContext } from './command.ts'
import { openLog } from './open-log.ts'
import { type OpenWarehouse, openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'
import { prepare } from './start-warehouse.ts'

export const deadLetters: Command = {
  help: `Usage: revwall dead-letters VERB [ORIGIN] [--reason R] [--tenant ID] [--decided] [--all] [--why TEXT] [--by NAME] [--json]

  list                                        those that are open; with --reason, --tenant, --decided, --json
  show ORIGIN                                 one with its whole record; with --json
  replay ORIGIN | --reason R | --all          appends the record once more
  skip ORIGIN --why TEXT                      closes it without

Records that could not be taken. A replay appends the record to the orders topic again, when what was wrong has been
mended (a tenant configured, a newer revwall); what was counted already is not counted twice. A record that is refused
again becomes a letter of its own that names the first. Lines of files are no records: send them again from their source.

  --reason R    ${DEAD_LETTER_REASONS.join(', ')}
  --tenant ID   of this tenant only
  --decided     with those that were replayed or skipped
  --all         all that are open
  --why TEXT    why it need not be taken; kept with who and when
  --by NAME     who decides (default: the user of this process)
  --json        one JSON object a line`,
  run: async (context) => {
    const [action = '', ...args] = context.args
    const run = ACTIONS[action]
    if (run === undefined)
      throw new RevwallError(
        'BAD_USAGE',
        `dead-letters takes ${Object.keys(ACTIONS).join(', ')}, not "${action}"`,
      )
    return run({ ...context, args })
  },
}

const ACTIONS: Record<string, (context: CommandContext) => Promise<number>> = { list, show, replay, skip }

async function list(context: CommandContext): Promise<number> {
  const options = parseOptions(context.args, {
    reason: { type: 'string' },
    tenant: { type: 'string' },
    decided: { type: 'boolean' },
    json: { type: 'boolean' },
  })
  const { tenant } = options
  const filter = { reason: reasonOf(options.reason), tenant, all: options.decided }
  return withLetters(context, async ({ warehouse }) => {
    const letters = await findLetters(warehouse, await shownDatabase(warehouse), filter, MAX_LETTERS + 1)
    for (const letter of letters.slice(0, MAX_LETTERS))
      context.print(options.json ? JSON.stringify(letter) : lineOf(letter))
    if (!options.json && letters.length > MAX_LETTERS) context.print(`… and more than these ${MAX_LETTERS}`)
    if (!options.json && letters.length === 0) context.print('no dead letters')
    return 0
  })
}

async function show(context: CommandContext): Promise<number> {
  const options = parseOptions(context.args, { json: { type: 'boolean' } }, ['an origin'])
  return withLetters(context, async ({ warehouse }) => {
    for (const letter of await letterOf(warehouse, options._[0]!))
      context.print(options.json ? JSON.stringify(letter) : textOf(letter))
    return 0
  })
}

async function replay(context: CommandContext): Promise<number> {
  const { _, ...options } = parseOptions(
    context.args,
    {
      reason: { type: 'string' },
      all: { type: 'boolean' },
      by: { type: 'string' },
    },
    [],
    ['an origin'],
  )
  const [origin] = _
  if ([origin, options.reason, options.all].filter((each) => each !== undefined).length !== 1)
    throw new RevwallError('BAD_USAGE', 'replay takes an origin, --reason or --all: one of them')
  const reason = reasonOf(options.reason)
  const by = options.by ?? userInfo().username
  return withLetters(context, async (open) => {
    if (origin !== undefined) return replayAll(await letterOf(open.warehouse, origin), { open, by, context })
    return replayOpen(reason, { open, by, context })
  })
}

interface Replaying {
  open: OpenWarehouse
  by: string
  context: CommandContext
}

/**
 * Page by page; those that cannot be replayed stay open and are passed over. A record that is refused again is a new
 * letter, perhaps before this is done: without the time it would go round for ever.
 */
async function replayOpen(reason: string | undefined, replaying: Replaying): Promise<number> {
  const { warehouse } = replaying.open
  const beforeMs = systemClock.now()
  for (let failed = 0; ; ) {
    const page = await findLetters(warehouse, await shownDatabase(warehouse), {
      reason,
      beforeMs,
      offset: failed,
    })
    if (page.length === 0) return failed === 0 ? 0 : 1
    failed += await countFailed(page, replaying)
  }
}

async function replayAll(letters: readonly Letter[], replaying: Replaying): Promise<number> {
  return (await countFailed(letters, replaying)) === 0 ? 0 : 1
}

async function countFailed(letters: readonly Letter[], { open, by, context }: Replaying): Promise<number> {
  const { warehouse } = open
  const { config, logger, print } = context
  const log = await openLog(config, logger)
  let failed = 0
  try {
    for (const { origin, tenant, source } of letters) {
      const whole = await findLetters(warehouse, await shownDatabase(warehouse), {
        origin,
        tenant,
        whole: true,
      })
      const letter = whole.find((each) => each.source === source)!
      try {
        const [done] = await replayLetters([letter], { warehouse, log, clock: systemClock, by })
        print(
          done
            ? `${origin} replayed as ${done.replayedAs}`
            : `${origin} was replayed before, as ${letter.replayedAs}`,
        )
      } catch (error) {
        if (!errorCode(error)?.startsWith('LETTER_')) throw error
        failed += 1
        print(`${errorMessage(error)} (${errorCode(error)})`)
      }
    }
  } finally {
    await log.close()
  }
  return failed
}

async function skip(context: CommandContext): Promise<number> {
  const fields = { why: { type: 'string' }, by: { type: 'string' } } as const
  const options = parseOptions(context.args, fields, ['an origin'])
  const why = options.why?.trim() ?? ''
  if (why === '')
    throw new RevwallError('BAD_USAGE', 'skip wants --why TEXT: whoever looks later should know')
  const by = options.by ?? userInfo().username
  return withLetters(context, async ({ warehouse }) => {
    for (const { tenant, source, origin, state } of await letterOf(warehouse, options._[0]!)) {
      if (state === 'replayed')
        throw new RevwallError('LETTER_DECIDED', `${origin} was replayed; there is nothing to skip`)
      const outcome = { tenant, source, origin, state: 'skipped', by, why, replayedAs: '' } as const
      await recordOutcomes(warehouse, systemClock, [outcome])
      context.print(`${origin} skipped by ${by}: ${why}`)
    }
    return 0
  })
}

async function withLetters(
  { config, logger }: CommandContext,
  work: (open: OpenWarehouse) => Promise<number>,
): Promise<number> {
  const open = await openWarehouse(config, logger, 'program')
  try {
    await prepare(open.warehouse, logger)
    return await work(open)
  } finally {
    await open.close()
  }
}

/** Letters are those of the run that the wall shows; what is decided about them holds for all. */
async function shownDatabase(warehouse: OpenWarehouse['warehouse']): Promise<string> {
  return (await readRuns(warehouse)).shown.database
}

async function letterOf(warehouse: OpenWarehouse['warehouse'], origin: string): Promise<Letter[]> {
  const letters = await findLetters(warehouse, await shownDatabase(warehouse), { origin, whole: true })
  if (letters.length > 0) return letters
  throw new RevwallError(
    'NO_SUCH_LETTER',
    `there is no dead letter of ${origin}; revwall dead-letters list has them`,
  )
}

function reasonOf(text: string | undefined): string | undefined {
  if (text === undefined || (DEAD_LETTER_REASONS as readonly string[]).includes(text)) return text
  throw new RevwallError('BAD_USAGE', `--reason is one of ${DEAD_LETTER_REASONS.join(', ')}, not ${text}`)
}

function lineOf({ at, origin, tenant, source, reason, state, detail, replayOf }: Letter): string {
  const again = replayOf === '' ? '' : `  (refused again, first ${replayOf})`
  return `${at}  ${state.padEnd(8)}  ${reason.padEnd(10)}  ${tenant || '?'}/${source || '?'}  ${origin}  ${detail}${again}`
}

function textOf(letter: Letter): string {
  const { payload, encoding, ...rest } = letter
  const facts = Object.entries(rest).filter(([, value]) => value !== '' && value !== null)
  return [
    ...facts.map(([name, value]) => `${name.padEnd(10)}  ${value}`),
    `payload (${encoding})`,
    payload,
  ].join('\n')
}
