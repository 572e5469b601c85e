/** `revwall doctor`: is this machine fit to run revwall? Each failure says what to do. */
import { errorMessage } from '../core/runtime/errors.ts'
import { checkClock, checkDisk, checkLog, checkUsers, checkWalls } from './check-folder.ts'
import { checkConfig, checkMemory, checkNode, checkPage, checkPlatform, checkPort } from './check-machine.ts'
import { checkRedis } from './check-redis.ts'
import { checkGuard, checkServer, checkViews } from './check-warehouse.ts'
import type { Command, CommandContext } from './command.ts'
import { type OpenWarehouse, openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'

export const doctor: Command = {
  help: `Usage: revwall doctor [--json]

Checks what revwall needs, one line each, and says what to do about what fails. Exits with 1 if something does. It starts
the embedded ClickHouse for a moment unless it is running on the same folder.

  --json   one JSON object: {ok, checks: [{what, state: ok | fail | skip, text}]}`,
  judgesConfig: true,
  run: async (context) => {
    const options = parseOptions(context.args, { json: { type: 'boolean' } })
    const checks: Check[] = []
    const report = (check: Check) => {
      checks.push(check)
      if (!options.json) context.print(`${LABELS[check.state]}  ${check.what}: ${check.text}`)
    }
    await examine(context, report)
    const failed = checks.filter(({ state }) => state === 'fail').length
    if (options.json) context.print(JSON.stringify({ ok: failed === 0, checks }))
    else context.print(failed === 0 ? 'all is well' : `${failed} of ${checks.length} checks failed`)
    return failed === 0 ? 0 : 1
  },
}

interface Check {
  what: string
  state: 'ok' | 'fail' | 'skip'
  text: string
}

type Report = (check: Check) => void

const LABELS = { ok: 'ok  ', fail: 'FAIL', skip: 'skip' } as const

async function examine(context: CommandContext, report: Report): Promise<void> {
  const { config, judged } = context
  await one('config', () => checkConfig(judged), report)
  await one('node', checkNode, report)
  await one('page', checkPage, report)
  await one('platform', () => checkPlatform(config), report)
  await one('memory', () => checkMemory(config), report)
  await one('port', () => checkPort(config, 'PORT'), report)
  await one('ingest port', () => checkPort(config, 'REVWALL_INGEST_PORT'), report)
  if (config.redis !== undefined) await one('redis', () => checkRedis(config.redis!), report)
  if (!(await one('disk', () => checkDisk(config), report))) {
    for (const what of ['users', 'walls', 'log', 'clock', 'clickhouse', 'guard', 'views'])
      report({ what, state: 'skip', text: 'not without the data folder' })
    return
  }
  await one('users', () => checkUsers(config), report)
  await one('walls', () => checkWalls(config), report)
  const logOpens = await one('log', () => checkLog(config), report)
  await one('clock', () => checkClock(config, logOpens), report)
  await examineWarehouse(context, report)
}

async function examineWarehouse({ config, logger }: CommandContext, report: Report): Promise<void> {
  let open: OpenWarehouse | undefined
  try {
    const answers = await one(
      'clickhouse',
      async () => {
        open = await openWarehouse(config, logger, 'program')
        return checkServer(open, config)
      },
      report,
    )
    if (!answers || open === undefined) {
      for (const what of ['guard', 'views']) report({ what, state: 'skip', text: 'not without ClickHouse' })
      return
    }
    const { warehouse } = open
    if (await one('guard', () => checkGuard(warehouse, logger), report))
      await one('views', () => checkViews(warehouse), report)
    else report({ what: 'views', state: 'skip', text: 'not without the guard and its tables' })
  } finally {
    await open?.close()
  }
}

async function one(what: string, check: () => string | Promise<string>, report: Report): Promise<boolean> {
  try {
    report({ what, state: 'ok', text: await check() })
    return true
  } catch (error) {
    report({ what, state: 'fail', text: errorMessage(error).replaceAll('\n', ' ') })
    return false
  }
}
