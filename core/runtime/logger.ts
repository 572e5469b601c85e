/** One line of JSON for machines, or a plain line for a terminal. Logged once, at the boundary, with ids. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
  child(fields: Record<string, unknown>): Logger
}

const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

export interface LoggerOptions {
  level: LogLevel
  json: boolean
  fields?: Record<string, unknown>
  write?: (line: string) => void
}

export function createLogger(options: LoggerOptions): Logger {
  const { level, json, fields = {}, write = (line) => process.stderr.write(`${line}\n`) } = options
  const log = (at: LogLevel) => (message: string, more?: Record<string, unknown>) => {
    if (ORDER[at] < ORDER[level]) return
    const all = { ...fields, ...more }
    write(json ? asJson(at, message, all) : asText(at, message, all))
  }
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (more) => createLogger({ ...options, fields: { ...fields, ...more } }),
  }
}

function asJson(level: LogLevel, message: string, fields: Record<string, unknown>): string {
  return JSON.stringify({ time: new Date().toISOString(), level, message, ...plain(fields) })
}

function asText(level: LogLevel, message: string, fields: Record<string, unknown>): string {
  const rest = Object.entries(plain(fields)).map(
    ([k, v]) => `${k}=${typeof v === 'string' ? v : JSON.stringify(v)}`,
  )
  const prefix = level === 'info' ? '' : `${level}: `
  return [`${prefix}${message}`, ...rest].join('  ')
}

/** Errors have no enumerable fields, so JSON would show them as {}. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([k, v]) => [k, v instanceof Error ? (v.stack ?? v.message) : v]),
  )
}

export const silentLogger: Logger = createLogger({ level: 'error', json: false, write: () => {} })
