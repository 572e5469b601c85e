/** The settings of the log on Kafka. Whether there are any decides which log is opened. */
import { z } from 'zod'

export interface KafkaConfig {
  /** `host:port` each; any of them tells of the others. */
  brokers: string[]
  /** Before the names of topics and groups; may be empty. */
  prefix: string
  /** Copies of each partition of topics that are made; undefined: three, or as many as there are brokers. */
  replication: number | undefined
  ssl: boolean
  sasl:
    | { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string }
    | undefined
}

export const KAFKA_VARIABLES = [
  { name: 'KAFKA_BROKERS', fallback: 'embedded log', meaning: 'the log is on Kafka: host:port, with commas' },
  { name: 'KAFKA_PREFIX', fallback: 'empty', meaning: 'before the names of topics and groups' },
  {
    name: 'KAFKA_REPLICATION',
    fallback: '3, or all brokers',
    meaning: 'copies of a partition, when its topic is made',
  },
  { name: 'KAFKA_SSL', fallback: 'false', meaning: 'true: TLS; a CA of your own by NODE_EXTRA_CA_CERTS' },
  {
    name: 'KAFKA_SASL_MECHANISM',
    fallback: 'plain, with a username',
    meaning: 'plain, scram-sha-256 or scram-sha-512',
  },
  { name: 'KAFKA_USERNAME', fallback: 'no login', meaning: 'its user' },
  { name: 'KAFKA_PASSWORD', fallback: 'empty', meaning: 'its password' },
]

const MAX_BROKERS = 100
const ADDRESS = /^[A-Za-z0-9._-]{1,253}:([1-9]\d{0,4})$/
const ADDRESSES_MEANT = 'host:port, several with commas between them'

export const kafkaVariables = {
  KAFKA_BROKERS: z
    .string()
    .transform((text) => text.split(',').map((address) => address.trim()))
    .pipe(z.array(z.string().refine(isAddress, ADDRESSES_MEANT)).max(MAX_BROKERS))
    .optional(),
  KAFKA_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{0,100}$/, 'at most 100 letters, digits, dots, underscores and hyphens')
    .default(''),
  KAFKA_REPLICATION: z.coerce
    .number({ error: 'a whole number' })
    .int('a whole number')
    .min(1, 'at least 1')
    .max(100, 'at most 100')
    .optional(),
  KAFKA_SSL: z.enum(['true', 'false'], { error: 'true or false' }).default('false'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'], { error: 'plain, scram-sha-256 or scram-sha-512' })
    .default('plain'),
  KAFKA_USERNAME: z.string().optional(),
  KAFKA_PASSWORD: z.string().default(''),
}

function isAddress(text: string): boolean {
  return Number(ADDRESS.exec(text)?.[1] ?? Number.NaN) <= 65_535
}

type Variables = z.output<z.ZodObject<typeof kafkaVariables>>

export function kafkaOf(v: Variables): KafkaConfig | undefined {
  if (v.KAFKA_BROKERS === undefined) return undefined
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = v
  return {
    brokers: v.KAFKA_BROKERS,
    prefix: v.KAFKA_PREFIX,
    replication: v.KAFKA_REPLICATION,
    ssl: v.KAFKA_SSL === 'true',
    sasl: username === undefined ? undefined : { mechanism, username, password },
  }
}
