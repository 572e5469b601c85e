import { join } from 'node:path'
import { KEPT_FREE_BYTES } from './watch-disk.ts'
import { VIEWS_USER } from './write-users.ts'
import { element, text } from './xml.ts'

export interface ServerConfig {
  folder: string
  usersFile: string
  port: number
  /** Who may come in over HTTP. */
  users: { user: string; password: string }[]
  logLevel: 'trace' | 'debug' | 'information' | 'warning'
  maxServerMemoryBytes: number
  markCacheBytes: number
  /** Of several servers: where all of them listen for each other. */
  shards?: ShardConfig | undefined
}

/** What servers that are shards of one warehouse know of each other. */
export interface ShardConfig {
  /** Which of them this one is, from 0. */
  index: number
  /** Of the native protocol, by shard: Distributed tables speak it. */
  tcpPorts: readonly number[]
  /** Of VIEWS_USER, the same on all: as whom they read each other's rows. */
  password: string
}

/** The name of the cluster that Distributed tables read from, in the embedded servers and in others. */
export const SHARDS_CLUSTER = 'revwall_shards'

/** config.xml of one start. It carries credentials: write it with mode 0600. */
export function configXml(config: ServerConfig): string {
  const { folder } = config
  return element('clickhouse', [
    value('log-level', config.logLevel),
    element('logger', [
      value('log', logFile(folder)),
      value('size', '10M'),
      value('count', 3),
      value('console', 0),
    ]),
    value('path', `${join(folder, 'store')}/`),
    element('storage_configuration', [
      element('disks', [element('default', [value('keep_free_space_bytes', KEPT_FREE_BYTES)])]),
    ]),
    value('user_files_path', `${join(folder, 'user-files')}/`),
    value('user_defined_path', `${functionsFolder(folder)}/`),
    element('backups', [
      value('allowed_path', `${backupsFolder(folder)}/`),
      value('allow_concurrent_backups', 'false'),
    ]),
    value('users_config', config.usersFile),
    value('default_profile', 'default'),
    // DateTime without a zone must mean the same on every machine.
    value('timezone', 'UTC'),
    value('listen_host', '127.0.0.1'),
    value('http_port', config.port),
    ...(config.shards === undefined ? [] : shardsXml(config.shards)),
    value('max_server_memory_usage', config.maxServerMemoryBytes),
    value('mark_cache_size', config.markCacheBytes),
    // Inserts and queries go first: merging only has to keep up.
    value('os_threads_nice_value_merge_mutate', 15),
    // Else every user may read system.parts and the like, which count all tenants' rows.
    element('access_control_improvements', [
      value('select_from_system_db_requires_grant', 'true'),
      value('select_from_information_schema_requires_grant', 'true'),
    ]),
    httpHandlers(config.users),
  ])
}

/**
 * They read each other as a user that may do nothing else, and sees the tenant alone that the query names: a Distributed
 * table on the first shard shows an analyst no more than its own tables do.
 */
function shardsXml({ index, tcpPorts, password }: ShardConfig): string[] {
  const shard = (port: number) =>
    element('shard', [
      element('replica', [
        value('host', '127.0.0.1'),
        value('port', port),
        value('user', VIEWS_USER),
        value('password', password),
      ]),
    ])
  return [
    value('tcp_port', tcpPorts[index]!),
    element('remote_servers', [element(SHARDS_CLUSTER, tcpPorts.map(shard))]),
  ]
}

/** Where BACKUP writes to and RESTORE reads from; nowhere else. */
export const backupsFolder = (folder: string) => join(folder, 'backups')
/** SQL functions of one's own. */
export const functionsFolder = (folder: string) => join(folder, 'functions')
export const logFile = (folder: string) => join(folder, 'server.log')

/**
 * Who is not on this list finds no handler. `default` has no password and may stop the listener, so any program on this
 * machine could take the server down with one request if HTTP knew that user.
 */
function httpHandlers(users: ServerConfig['users']): string {
  const basic = users.map(({ user, password }) => Buffer.from(`${user}:${password}`).toString('base64'))
  const names = users.map(({ user }) => user)
  return element('http_handlers', [
    element('rule', [value('url', '/ping'), value('methods', 'GET,HEAD'), handler('ping')]),
    rule('Authorization', `Basic (${basic.map(escapeRegex).join('|')})`),
    // Grafana and the Go driver log in with these headers; the server checks the key.
    rule('X-ClickHouse-User', `(${names.map(escapeRegex).join('|')})`),
  ])
}

function rule(header: string, pattern: string): string {
  const headers = element('headers', [value(header, `regex:^${pattern}$`)])
  return element('rule', [headers, handler('dynamic_query_handler', value('query_param_name', 'query'))])
}

const handler = (type: string, more = '') => element('handler', [value('type', type), more])
const value = (name: string, content: string | number) => element(name, [text(String(content))])
const escapeRegex = (literal: string) => literal.replace(/[^\w]/g, '\\$&')
