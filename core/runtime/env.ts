/** The configuration, from the environment. The only place besides revwall.ts that reads it; all faults are told at once. */
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type TenantConfig, tenantConfig } from '../contracts/tenant.ts'
import { ACCESS_VARIABLES, type AccessConfig, accessOf, accessVariables } from './access-settings.ts'
import { ANOMALY_VARIABLES, type AnomalyConfig, anomalyOf, anomalyVariables } from './anomaly-settings.ts'
import {
  DELIVERY_VARIABLES,
  type DeliveryConfig,
  deliveryOf,
  deliveryVariables,
} from './delivery-settings.ts'
import { RevwallError } from './errors.ts'
import { KAFKA_VARIABLES, type KafkaConfig, kafkaOf, kafkaVariables } from './kafka-settings.ts'
import { REDIS_VARIABLES, type RedisConfig, redisFault, redisOf, redisVariables } from './redis-settings.ts'

export interface Config {
  /** Folder of all data; absolute. */
  dataFolder: string
  port: number
  /** Of the door for pushed orders of `revwall ingest`; 0 takes a free one. */
  ingestPort: number
  /** Of `revwall process`, for metrics and checks; 0 takes a free one. */
  processPort: number
  tenants: TenantConfig[]
  /** Event seconds per wall second of the replay. */
  speed: number
  /** Partitions of the `orders` topic, when it is made. */
  partitions: number
  /** Orders that are older, or the oldest while the log is larger, are trimmed; Infinity keeps all. */
  logMaxAgeMs: number
  logMaxBytes: number
  /** Where the log is; undefined: in the data folder. */
  kafka: KafkaConfig | undefined
  /** What api processes share; undefined: nothing. */
  redis: RedisConfig | undefined
  /** Servers that are not ours; several, with commas, are shards. */
  clickhouse: { url: string; user: string; password: string } | undefined
  /** How many ClickHouse servers there are, embedded ones or others. */
  shards: number
  clickhouseMemoryBytes: number | undefined
  /** Whether customers are scored, days forecast and unusual orders told. */
  analytics: boolean
  /** Open at a time, of one process of the api. */
  maxWalls: number
  /** Who may open the wall, and from where. */
  access: AccessConfig
  /** Layouts of walls and playlists of TVs; absolute. */
  wallsFile: string
  /** What is called unusual. */
  anomaly: AnomalyConfig
  /** Where webhooks and messages may go. */
  delivery: DeliveryConfig
  logLevel: 'debug' | 'info' | 'warn' | 'error'
  logJson: boolean
}

/** Name, default and meaning of each variable: for `--help` and the README. A test compares them with the schema. */
export const VARIABLES: readonly { name: string; fallback: string; meaning: string }[] = [
  { name: 'REVWALL_DATA', fallback: '.revwall', meaning: 'folder of all data' },
  { name: 'PORT', fallback: '4680', meaning: "the page's port on 127.0.0.1; 0 takes a free one" },
  {
    name: 'REVWALL_INGEST_PORT',
    fallback: '4681',
    meaning: "port of `revwall ingest`'s door for pushed orders",
  },
  {
    name: 'REVWALL_PROCESS_PORT',
    fallback: 'a free one',
    meaning: 'port of `revwall process` for /metrics, /healthz and /readyz',
  },
  {
    name: 'REVWALL_TENANTS',
    fallback: 'the replay',
    meaning: 'JSON list of {id, name, timeZone, currency, country?, holidays?}',
  },
  { name: 'REVWALL_SPEED', fallback: '60', meaning: 'event seconds per second of the replay' },
  {
    name: 'REVWALL_PARTITIONS',
    fallback: '1, or one a ClickHouse server',
    meaning: 'partitions of the orders topic, when it is made',
  },
  {
    name: 'REVWALL_LOG_MAX_AGE_DAYS',
    fallback: 'keep all',
    meaning: 'orders in the log that are older may go',
  },
  {
    name: 'REVWALL_LOG_MAX_GB',
    fallback: 'keep all',
    meaning: 'the oldest orders go while the log is larger',
  },
  ...KAFKA_VARIABLES,
  ...REDIS_VARIABLES,
  ...ACCESS_VARIABLES,
  ...ANOMALY_VARIABLES,
  ...DELIVERY_VARIABLES,
  { name: 'CLICKHOUSE_URL', fallback: 'embedded', meaning: 'another ClickHouse than the embedded one' },
  {
    name: 'CLICKHOUSE_URLS',
    fallback: 'one',
    meaning: 'several, with commas: shards, in an order that stays',
  },
  { name: 'CLICKHOUSE_USER', fallback: 'default', meaning: 'its user' },
  { name: 'CLICKHOUSE_PASSWORD', fallback: 'empty', meaning: 'its password' },
  {
    name: 'REVWALL_SHARDS',
    fallback: '1',
    meaning: 'embedded ClickHouse servers; stays as a data folder was made',
  },
  {
    name: 'REVWALL_CLICKHOUSE_MEMORY_MB',
    fallback: '40 % of RAM, at most 4096',
    meaning: 'limit of the embedded ones together',
  },
  {
    name: 'REVWALL_ANALYTICS',
    fallback: 'on',
    meaning: 'off: no segments, forecasts, anomalies and incidents, for what they cost',
  },
  {
    name: 'REVWALL_WALLS',
    fallback: 'walls.json of the data folder',
    meaning: 'file of layouts and playlists (api/walls)',
  },
  {
    name: 'REVWALL_MAX_WALLS',
    fallback: '1000',
    meaning: 'walls open at a time, of one process; each takes a file descriptor',
  },
  { name: 'REVWALL_LOG_LEVEL', fallback: 'info', meaning: 'debug, info, warn or error' },
  { name: 'REVWALL_LOG_FORMAT', fallback: 'text', meaning: 'text or json' },
]

/** Who the replay's orders belong to, until somebody configures tenants. */
export const DEMO_TENANT: TenantConfig = {
  id: 'online-retail',
  name: 'Online Retail',
  timeZone: 'Europe/London',
  currency: 'GBP',
}

const whole = (min: number, max: number) =>
  z.coerce
    .number({ error: 'a whole number' })
    .int('a whole number')
    .min(min, `at least ${min}`)
    .max(max, `at most ${max}`)

/** Each takes 300 MB and its part of every query's time. */
const MAX_SHARDS = 16

const variables = z.object({
  REVWALL_DATA: z.string().min(1).default('.revwall'),
  PORT: whole(0, 65_535).default(4680),
  REVWALL_INGEST_PORT: whole(0, 65_535).default(4681),
  REVWALL_PROCESS_PORT: whole(0, 65_535).default(0),
  REVWALL_TENANTS: z
    .string()
    .transform(parseJson)
    .pipe(z.array(tenantConfig).min(1).max(1_000))
    .refine(
      (list) => new Set(list.map((tenant) => tenant.id)).size === list.length,
      'two tenants have the same id',
    )
    .default([DEMO_TENANT]),
  REVWALL_SPEED: z.coerce.number({ error: 'a number' }).positive('above 0').max(100_000).default(60),
  REVWALL_PARTITIONS: whole(1, 256).optional(),
  REVWALL_LOG_MAX_AGE_DAYS: z.coerce.number({ error: 'a number' }).positive('above 0').max(36_500).optional(),
  REVWALL_LOG_MAX_GB: z.coerce.number({ error: 'a number' }).positive('above 0').max(1_000_000).optional(),
  ...kafkaVariables,
  ...redisVariables,
  ...accessVariables,
  ...anomalyVariables,
  ...deliveryVariables,
  CLICKHOUSE_URL: z.url({ protocol: /^https?$/, error: 'an http or https address' }).optional(),
  CLICKHOUSE_URLS: z
    .string()
    .transform((text) => text.split(',').map((url) => url.trim()))
    .pipe(
      z.array(z.url({ protocol: /^https?$/, error: 'http or https addresses, with commas' })).max(MAX_SHARDS),
    )
    .optional(),
  CLICKHOUSE_USER: z.string().default('default'),
  CLICKHOUSE_PASSWORD: z.string().default(''),
  REVWALL_SHARDS: whole(1, MAX_SHARDS).default(1),
  REVWALL_CLICKHOUSE_MEMORY_MB: whole(512, 1_000_000).optional(),
  REVWALL_ANALYTICS: z.enum(['on', 'off']).default('on'),
  REVWALL_WALLS: z.string().optional(),
  REVWALL_MAX_WALLS: whole(1, 100_000).default(1_000),
  REVWALL_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  REVWALL_LOG_FORMAT: z.enum(['text', 'json']).default('text'),
})
const environment = variables.superRefine((v, context) => {
  for (const fault of [redisFault(v, v.REVWALL_TENANTS), ...shardFaults(v)])
    if (fault !== undefined) context.addIssue({ code: 'custom', ...fault })
})

type Servers = Pick<
  z.output<typeof variables>,
  'CLICKHOUSE_URL' | 'CLICKHOUSE_URLS' | 'REVWALL_SHARDS' | 'REVWALL_PARTITIONS'
>

function shardsIn({ CLICKHOUSE_URL, CLICKHOUSE_URLS, REVWALL_SHARDS }: Servers): number {
  return CLICKHOUSE_URL === undefined ? (CLICKHOUSE_URLS?.length ?? REVWALL_SHARDS) : 1
}

function shardFaults(v: Servers): { path: string[]; message: string }[] {
  const faults: { path: string[]; message: string }[] = []
  const fault = (name: string, message: string) => faults.push({ path: [name], message })
  if (v.CLICKHOUSE_URL !== undefined && v.CLICKHOUSE_URLS !== undefined)
    fault('CLICKHOUSE_URLS', 'not beside CLICKHOUSE_URL')
  const others = v.CLICKHOUSE_URL ?? v.CLICKHOUSE_URLS
  if (others !== undefined && v.REVWALL_SHARDS > 1)
    fault('REVWALL_SHARDS', 'is of embedded servers; list others in CLICKHOUSE_URLS')
  const shards = shardsIn(v)
  if ((v.REVWALL_PARTITIONS ?? shards) % shards !== 0)
    fault('REVWALL_PARTITIONS', `a multiple of ${shards}, the number of ClickHouse servers`)
  return faults
}

/** Throws `BAD_CONFIG` that lists every fault. An empty variable counts as unset. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const { config, faults } = judgeConfig(env)
  if (faults.length > 0)
    throw new RevwallError(
      'BAD_CONFIG',
      `The configuration has faults:\n${faults.map((f) => `  ${f}`).join('\n')}`,
    )
  return config
}

export interface JudgedConfig {
  /** With the faulty variables at their defaults. */
  config: Config
  /** One line for each, which begins with the variable's name. */
  faults: string[]
  /** Names of the variables that are set. */
  given: string[]
}

export function judgeConfig(env: Record<string, string | undefined>): JudgedConfig {
  const known = new Set(VARIABLES.map(({ name }) => name))
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value !== undefined && value !== '' && isOurs(name, known)),
  )
  const parsed = environment.safeParse(given)
  const issues = parsed.success ? [] : parsed.error.issues
  const faulty = new Set(issues.map(({ path }) => String(path[0])))
  const sound = Object.entries(given).filter(([name]) => !faulty.has(name))
  return {
    config: configOf(variables.parse(Object.fromEntries(sound))),
    faults: [...unknownVariables(given), ...issues.map(faultOf)],
    given: Object.keys(given),
  }
}

function isOurs(name: string, known: ReadonlySet<string>): boolean {
  return known.has(name) || name.startsWith('REVWALL_')
}

function configOf(v: z.output<typeof variables>): Config {
  const shards = shardsIn(v)
  const url = v.CLICKHOUSE_URL ?? v.CLICKHOUSE_URLS?.join(',')
  const memory = v.REVWALL_CLICKHOUSE_MEMORY_MB
  const dataFolder = resolve(v.REVWALL_DATA)
  return {
    dataFolder,
    port: v.PORT,
    ingestPort: v.REVWALL_INGEST_PORT,
    processPort: v.REVWALL_PROCESS_PORT,
    tenants: v.REVWALL_TENANTS,
    speed: v.REVWALL_SPEED,
    partitions: v.REVWALL_PARTITIONS ?? shards,
    logMaxAgeMs: (v.REVWALL_LOG_MAX_AGE_DAYS ?? Number.POSITIVE_INFINITY) * 86_400_000,
    logMaxBytes: (v.REVWALL_LOG_MAX_GB ?? Number.POSITIVE_INFINITY) * 2 ** 30,
    kafka: kafkaOf(v),
    redis: redisOf(v),
    clickhouse:
      url === undefined ? undefined : { url, user: v.CLICKHOUSE_USER, password: v.CLICKHOUSE_PASSWORD },
    shards,
    clickhouseMemoryBytes: memory === undefined ? undefined : memory * 2 ** 20,
    analytics: v.REVWALL_ANALYTICS === 'on',
    maxWalls: v.REVWALL_MAX_WALLS,
    access: accessOf(v, dataFolder),
    wallsFile: resolve(v.REVWALL_WALLS ?? join(dataFolder, 'walls.json')),
    anomaly: anomalyOf(v),
    delivery: deliveryOf(v),
    logLevel: v.REVWALL_LOG_LEVEL,
    logJson: v.REVWALL_LOG_FORMAT === 'json',
  }
}

/** A misspelt variable would be ignored in silence. */
function unknownVariables(given: Record<string, unknown>): string[] {
  const known = new Set(VARIABLES.map(({ name }) => name))
  return Object.keys(given)
    .filter((name) => name.startsWith('REVWALL_') && !known.has(name))
    .map((name) => `${name}: there is no such setting`)
}

function faultOf(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')}: ${issue.message}`
}

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: `not JSON: ${(error as Error).message}` })
    return z.NEVER
  }
}
