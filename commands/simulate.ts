/** `revwall simulate`: a shop that does not exist through the whole pipeline. */
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { readRuns } from '../clickhouse/runs/read-runs.ts'
import { readingDatabase } from '../clickhouse/shards.ts'
import type { TenantConfig } from '../core/contracts/tenant.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { errorCode, errorMessage, RevwallError } from '../core/runtime/errors.ts'
import { ledgerJson } from '../ingest/sources/simulate/ledger.ts'
import {
  type SimulateOptions,
  type SimulateSummary,
  settleShop,
} from '../ingest/sources/simulate/simulate-options.ts'
import { createSimulateSource } from '../ingest/sources/simulate/simulate-source.ts'
import { caughtUp, PRINT_EVERY_MS } from './caught-up.ts'
import type { Command, CommandContext } from './command.ts'
import { compareLedger, textOf } from './compare-ledger.ts'
import { type House, untilAborted, waitingOn, withHouse } from './house.ts'
import { parseOptions } from './parse-options.ts'

const FIELDS = {
  seed: { type: 'string' },
  years: { type: 'string' },
  'customers-per-year': { type: 'string' },
  'products-per-year': { type: 'string' },
  rate: { type: 'string' },
  growth: { type: 'string' },
  steady: { type: 'boolean' },
  tenant: { type: 'string' },
  orders: { type: 'string' },
  all: { type: 'boolean' },
  ledger: { type: 'string' },
} as const

export const simulate: Command = {
  help: `Usage: revwall simulate [--seed N] [--years N] [--customers-per-year N] [--products-per-year N] [--rate N] [--growth X] [--steady] [--tenant ID] [--all [--orders N]] [--ledger FILE]

A shop with days, weeks and seasons, growth, customers and products that come and go, promotions and outages, edits,
refunds, cancellations, and events that come late or twice. The same seed gives the same events. It loads its history,
then sells in real time and shows the wall, as \`up\` does; after a stop it goes on where it was. It knows what it sold.

  --seed N                 which shop, a whole number (default: 1)
  --years N                how long ago it opened, at most 20 (default: 2)
  --customers-per-year N   new customers in the first year (default: 30000); each buys about five times
  --products-per-year N    new products in the first year (default: 1000)
  --rate N                 orders a second once it is live, at most 20000 (default: what its customers buy)
  --growth X               yearly growth, 0.2 is 20 % (default: 0.2)
  --steady                 once it is live the rate does not follow hours, weekdays, seasons and market
  --tenant ID              whose shop it is (default: the first tenant); its currency and time zone
  --all                    the history as fast as it goes; exits when ClickHouse has it, and compares the ledger with the
                           wall: 0 when all days are equal, else 2
  --orders N               with --all: so many orders, spread over the years
  --ledger FILE            writes what was sold by axis, day and status as JSON, at the end`,
  run: async (context) => {
    const options = parseOptions(context.args, FIELDS)
    if (options.orders !== undefined && !options.all)
      throw new RevwallError('BAD_USAGE', '--orders needs --all: in real time there is no last order')
    const tenant = tenantOf(context, options.tenant)
    const shop: Shop = {
      tenant: tenant.id,
      currency: tenant.currency,
      timeZone: tenant.timeZone,
      seed: numberOf('seed', options.seed) ?? 1,
      years: numberOf('years', options.years),
      customersPerYear: numberOf('customers-per-year', options['customers-per-year']),
      productsPerYear: numberOf('products-per-year', options['products-per-year']),
      rate: numberOf('rate', options.rate),
      growth: numberOf('growth', options.growth),
      orders: numberOf('orders', options.orders),
      steady: options.steady,
      all: options.all,
      logger: context.logger,
    }
    // Faults of the options are told before anything is opened.
    checkShop(shop)
    if (options.ledger !== undefined) checkWritable(options.ledger)
    if (options.all)
      return withHouse(context, { page: false }, (house) => simulateAll(house, shop, options.ledger, context))
    return withHouse(context, { page: true }, async (house) => {
      context.print(`revwall is at ${house.page}   (Ctrl-C ends it)`)
      sellBeside(house, shop, options.ledger, context)
      await untilAborted(context.signal)
      return 0
    })
  },
}

type Shop = Omit<SimulateOptions, 'log' | 'clock'>

function tenantOf({ config }: CommandContext, id: string | undefined): TenantConfig {
  const tenant = id === undefined ? config.tenants[0] : config.tenants.find((each) => each.id === id)
  if (tenant === undefined) throw new RevwallError('UNKNOWN_TENANT', `tenant ${id} is not configured`)
  return tenant
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new RevwallError('BAD_USAGE', `--${name} takes a number, not ${text}`)
}

/** What the source says of its options is told in the words of the command. */
function checkShop(shop: Shop): void {
  try {
    settleShop(shop)
  } catch (error) {
    if (errorCode(error) !== 'SIMULATE_BAD_OPTION') throw error
    const option = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    throw new RevwallError('BAD_USAGE', errorMessage(error).replace(/^\w+/, option), { cause: error })
  }
}

/** Nobody should wait for millions of orders to learn that the folder is not there. */
function checkWritable(file: string): void {
  try {
    closeSync(openSync(file, 'a'))
  } catch (cause) {
    throw new RevwallError('BAD_USAGE', `--ledger: ${file} cannot be written: ${errorMessage(cause)}`, {
      cause,
    })
  }
}

function writeLedger(
  file: string | undefined,
  { tenant, currency, timeZone, seed }: Shop,
  summary: SimulateSummary,
) {
  if (file === undefined) return
  const { source, orders } = summary
  const upTo = new Date(summary.lastMs).toISOString()
  const head = { tenant, source, currency, timeZone, seed, orders, upTo }
  writeFileSync(file, ledgerJson(summary.ledger, head))
}

/** A source that fails is told once and leaves the wall running. */
function sellBeside(
  house: House,
  shop: Shop,
  ledger: string | undefined,
  { signal, logger }: CommandContext,
): void {
  const running = createSimulateSource({ ...shop, log: house.log, clock: systemClock })
    .run(signal)
    .then((summary) => writeLedger(ledger, shop, summary))
    .catch((error) => {
      logger.error('the simulation ended', { code: errorCode(error), why: errorMessage(error) })
    })
  house.steps.add('the simulation', () => running)
}

async function simulateAll(
  house: House,
  shop: Shop,
  ledger: string | undefined,
  { signal, print }: CommandContext,
): Promise<number> {
  const onLoaded = printLoaded(print)
  const options = { ...shop, onLoaded, log: house.log, clock: systemClock }
  const summary = await createSimulateSource(options).run(signal)
  const { source, orders, sent, beginMs, lastMs, elapsedMs } = summary
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  print(`${orders} orders from ${day(beginMs)} to ${day(lastMs)}, ${sent} records in ${seconds(elapsedMs)} s`)
  writeLedger(ledger, shop, summary)
  const waitedSinceMs = systemClock.now()
  await caughtUp({ ...waitingOn(house), signal, print })
  if (signal.aborted) return 130
  print(`all of them in ClickHouse ${seconds(systemClock.now() - waitedSinceMs)} s later`)
  const { tenant, currency } = shop
  const { warehouse } = house.warehouse
  const database = readingDatabase(warehouse, (await readRuns(warehouse)).shown.database)
  const scope = { database, tenant, source, currency }
  const differences = await compareLedger(warehouse, scope, summary.ledger)
  print(`${tenant} ${currency}: ${textOf(summary.ledger.total('booked'))}`)
  for (const line of differences.slice(0, MAX_DIFFERENCES)) print(line)
  print(
    differences.length === 0
      ? 'ledger and wall are equal, day by day on both axes'
      : `ledger and wall differ on ${differences.length} days`,
  )
  return differences.length === 0 ? 0 : 2
}

/** A line every few seconds, from the first on; the last thing that is said of it comes with the summary. */
function printLoaded(print: (line: string) => void): SimulateOptions['onLoaded'] {
  let printedAt = systemClock.now()
  return (loaded, total) => {
    if (systemClock.now() - printedAt < PRINT_EVERY_MS) return
    printedAt = systemClock.now()
    print(`${loaded} of ${total} orders simulated`)
  }
}

const MAX_DIFFERENCES = 10

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1)
}
