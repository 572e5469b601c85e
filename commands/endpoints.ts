/** `revwall endpoints`: which systems of others get a tenant's events. */
import { randomInt } from 'node:crypto'
import { givenName } from '../core/contracts/access.ts'
import { DELIVERED_TOPICS, type DeliveredTopic } from '../core/contracts/deliveries.ts'
import { type Clock, systemClock } from '../core/runtime/clock.ts'
import type { Config } from '../core/runtime/env.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import {
  changeEndpoints,
  type Endpoint,
  endpointFilePath,
  readEndpoints,
  type WebhookEndpoint,
  webAddress,
} from '../processors/delivery/endpoint-file.ts'
import { createSender, type SendRequest } from '../processors/delivery/send-request.ts'
import { createSecret } from '../processors/delivery/sign-webhook.ts'
import { tryEndpoint } from '../processors/delivery/try-endpoint.ts'
import type { Command, CommandContext } from './command.ts'
import { configuredTenant } from './configured-tenant.ts'
import { knownEndpoint } from './known-endpoint.ts'
import { parseOptions } from './parse-options.ts'
import { readToken } from './read-password.ts'

const SLACK_API = 'https://slack.com/api'
/** How long both sign after a change of the secret. */
const OVERLAP_MS = 86_400_000

const HELP = `Usage: revwall endpoints VERB [URL | ID] [--tenant ID] [--name TEXT] [--topics LIST] [--channel C] [--slack-api URL] [--now]

  add URL --tenant ID                 a webhook; prints its secret, once; with --topics, --name
  add slack --tenant ID --channel C   messages in Slack, one an incident; asks for the bot's token; with --slack-api, --name
  list                                id, tenant, kind, topics, where to, state, name
  test ID                             sends a trial, past the log, and says what came of it
  rotate ID                           another secret, printed once; both sign for a day, with --now the new one alone
  enable ID                           sends again to one that answered 410
  remove ID                           sends no more

Endpoints stand with their secrets in endpoints.json of the data folder, for its owner's eyes; a running revwall sees a
change within a second. They get what comes to the log from then on. Webhooks are signed by Standard Webhooks; what fails
is tried again for three days (revwall deliveries). Private addresses are refused unless REVWALL_DELIVERY_PRIVATE=allow.

  --tenant ID       whose events; must be configured
  --name TEXT       what it is, in your words
  --topics LIST     of ${DELIVERED_TOPICS.join(', ')}, with commas (default: alerts)
  --channel C       id or name of the channel; the bot must be in it
  --slack-api URL   where Slack's methods are (default: ${SLACK_API})
  --now             the former secret signs no more`

export interface EndpointPorts {
  clock: Clock
  send: (config: Config) => SendRequest
  askToken: () => Promise<string>
}

export const endpoints: Command = endpointsCommand({
  clock: systemClock,
  send: ({ delivery }) => createSender(delivery),
  askToken: () => readToken('Bot token: '),
})

type Verb = (context: CommandContext, ports: EndpointPorts) => Promise<number>
const VERBS: Record<string, Verb> = { add, list, test: tryOne, rotate, enable, remove }

export function endpointsCommand(ports: EndpointPorts): Command {
  return {
    help: HELP,
    run: async (context) => {
      const [verb = '', ...args] = context.args
      if (Object.hasOwn(VERBS, verb)) return VERBS[verb]!({ ...context, args }, ports)
      throw new RevwallError('BAD_USAGE', `endpoints takes ${Object.keys(VERBS).join(', ')}, not "${verb}"`)
    },
  }
}

async function add(
  { config, args, print }: CommandContext,
  { clock, askToken }: EndpointPorts,
): Promise<number> {
  const options = parseOptions(
    args,
    {
      tenant: { type: 'string' },
      name: { type: 'string' },
      topics: { type: 'string' },
      channel: { type: 'string' },
      'slack-api': { type: 'string' },
    },
    ['an address, or slack,'],
  )
  const tenant = configuredTenant(config, options.tenant)
  const id = `ep_${Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('')}`
  const [target] = options._ as [string]
  const head = { id, tenant, createdAt: iso(clock.now()), disabled: null }
  if (target !== 'slack') {
    const url = checkedAddress(target)
    const name = checkedName(options.name ?? new URL(url).hostname)
    const secret = createSecret()
    const topics = topicsOf(options.topics)
    const secrets = [{ secret, expiresAt: null }]
    await change(config, clock, (all) => [...all, { kind: 'webhook', ...head, name, topics, url, secrets }])
    print(`${id} gets ${topics.join(', ')} of ${tenant}.\n\n${secret}\n\n${ONCE}`)
    return 0
  }
  const { channel } = options
  if (channel === undefined) throw new RevwallError('BAD_USAGE', '--channel is wanted')
  if (options.topics !== undefined)
    throw new RevwallError('BAD_USAGE', 'Slack takes alerts alone, no --topics')
  const name = checkedName(options.name ?? channel)
  const api = checkedAddress(options['slack-api'] ?? SLACK_API)
  const slack: Endpoint = {
    ...{ kind: 'slack', ...head, name, topics: ['alerts'], api, channel, token: await askToken() },
  }
  await change(config, clock, (all) => [...all, slack])
  print(`${id} shows the alerts of ${tenant} in ${channel}.`)
  return 0
}

const ONCE =
  'The secret verifies what comes. It is not shown again: revwall endpoints rotate makes another one.'

async function list({ config, args, print }: CommandContext): Promise<number> {
  parseOptions(args, {})
  const all = readEndpoints(endpointFilePath(config.dataFolder))
  for (const endpoint of all) print(lineOf(endpoint))
  if (all.length === 0) print('There are no endpoints; revwall endpoints add URL --tenant ID makes one.')
  return 0
}

function lineOf(endpoint: Endpoint): string {
  const { id, tenant, kind, topics, disabled, name } = endpoint
  // What stands behind a ? may open something.
  const where = endpoint.kind === 'slack' ? endpoint.channel : endpoint.url.replace(/[?#].*$/, '?…')
  const state = disabled === null ? 'open' : `disabled ${disabled.at}: ${disabled.why}`
  return `${id}  ${tenant}  ${kind}  ${topics.join(',')}  ${where}  ${state}  ${name}`
}

async function tryOne(
  { config, args, print, signal }: CommandContext,
  { clock, send }: EndpointPorts,
): Promise<number> {
  const endpoint = knownEndpoint(config, parseOptions(args, {}, [ID])._[0]!)
  const outcome = await tryEndpoint(endpoint, { send: send(config), clock, signal })
  const { result, httpStatus, error } = outcome
  print(
    result === 'delivered'
      ? `${endpoint.id} took it (${httpStatus}).`
      : `${endpoint.id} did not take it: ${error}`,
  )
  return result === 'delivered' ? 0 : 1
}

async function rotate({ config, args, print }: CommandContext, { clock }: EndpointPorts): Promise<number> {
  const options = parseOptions(args, { now: { type: 'boolean' } }, [ID])
  const { id, kind } = knownEndpoint(config, options._[0]!)
  if (kind !== 'webhook')
    throw new RevwallError(
      'NOT_A_WEBHOOK',
      `${id} has a token of Slack: remove it and add it with the new one`,
    )
  const secret = createSecret()
  const until = options.now ? clock.now() : clock.now() + OVERLAP_MS
  await change(config, clock, (all) =>
    all.map((each) =>
      each.id === id && each.kind === 'webhook' ? rotated(each, secret, until, clock) : each,
    ),
  )
  const then = options.now ? 'The former one signs no more.' : `The former one signs too until ${iso(until)}.`
  print(`${secret}\n\n${ONCE} ${then}`)
  return 0
}

/** Those that are over go: there is room for some that hold. */
function rotated(endpoint: WebhookEndpoint, secret: string, untilMs: number, clock: Clock): WebhookEndpoint {
  const former = endpoint.secrets
    .map((each) => ({ ...each, expiresAt: each.expiresAt ?? iso(untilMs) }))
    .filter(({ expiresAt }) => Date.parse(expiresAt) > clock.now() && untilMs > clock.now())
  return { ...endpoint, secrets: [...former, { secret, expiresAt: null }] }
}

async function enable({ config, args, print }: CommandContext, { clock }: EndpointPorts): Promise<number> {
  const { id } = knownEndpoint(config, parseOptions(args, {}, [ID])._[0]!)
  await change(config, clock, (all) =>
    all.map((each) => (each.id === id ? { ...each, disabled: null } : each)),
  )
  print(`${id} gets events again, those that came meanwhile too.`)
  return 0
}

async function remove({ config, args, print }: CommandContext, { clock }: EndpointPorts): Promise<number> {
  const { id } = knownEndpoint(config, parseOptions(args, {}, [ID])._[0]!)
  await change(config, clock, (all) => all.filter((each) => each.id !== id))
  print(`${id} gets nothing any more.`)
  return 0
}

const ID = "an endpoint's id"

function change(config: Config, clock: Clock, to: (all: readonly Endpoint[]) => readonly Endpoint[]) {
  return changeEndpoints(endpointFilePath(config.dataFolder), clock, to)
}

function checkedAddress(text: string): string {
  const { data, error } = webAddress.safeParse(text)
  if (data !== undefined) return data
  throw new RevwallError(
    'BAD_USAGE',
    `an address such as https://example.com/hook: ${error?.issues[0]?.message}`,
  )
}

function topicsOf(text = 'alerts'): DeliveredTopic[] {
  const names = text.split(',').map((name) => name.trim())
  const isTopic = (name: string) => (DELIVERED_TOPICS as readonly string[]).includes(name)
  // Alerts first, however many of the others wait.
  if (names.every(isTopic)) return DELIVERED_TOPICS.filter((topic) => names.includes(topic))
  throw new RevwallError(
    'BAD_USAGE',
    `--topics takes ${DELIVERED_TOPICS.join(', ')}, with commas, not ${text}`,
  )
}

function checkedName(text: string): string {
  const { data } = givenName.safeParse(text)
  if (data !== undefined) return data
  throw new RevwallError('BAD_USAGE', '--name takes 1 to 60 characters, no control characters among them')
}

const iso = (ms: number) => new Date(ms).toISOString()
