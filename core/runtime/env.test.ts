import { describe, expect, it } from 'vitest'
import { DEMO_TENANT, readConfig, VARIABLES } from './env.ts'

describe('configuration', () => {
  it('has defaults for all', () => {
    expect(readConfig({})).toMatchObject({ port: 4680, speed: 60, partitions: 1, tenants: [DEMO_TENANT] })
  })

  it('reports all faults at once, and misspelt names', () => {
    const env = {
      PORT: 'eighty',
      REVWALL_SPEED: '-1',
      REVWALL_TENANTS: '[{}]',
      REVWALL_DATE: 'x',
      CLICKHOUSE_URL: 'ftp://x',
    }
    expect(() => readConfig(env)).toThrow(
      /REVWALL_DATE: there is no such setting[\s\S]*PORT: a whole number[\s\S]*REVWALL_TENANTS\.0\.id[\s\S]*REVWALL_SPEED: above 0[\s\S]*CLICKHOUSE_URL/,
    )
  })

  it('refuses what is no JSON, no time zone, or twice the same tenant', () => {
    const tenant = JSON.stringify({ ...DEMO_TENANT })
    expect(() => readConfig({ REVWALL_TENANTS: '{' })).toThrow(/not JSON/)
    expect(() => readConfig({ REVWALL_TENANTS: `[${tenant.replace('Europe/London', 'Mars')}]` })).toThrow(
      /time zone/,
    )
    expect(() => readConfig({ REVWALL_TENANTS: `[${tenant},${tenant}]` })).toThrow(/same id/)
  })

  it('refuses a plain tenant that is none, beside every other fault', () => {
    const env = { REVWALL_REDIS_PLAIN_TENANT: 'acme', REDIS_URL: 'http://x' }
    expect(() => readConfig(env)).toThrow(/REDIS_URL[\s\S]*REVWALL_REDIS_PLAIN_TENANT: no such tenant/)
    expect(() => readConfig({ ...env, REVWALL_TENANTS: '{' })).toThrow(/not JSON/)
    const { redis } = readConfig({ REDIS_URL: 'redis://:x@h/1', REVWALL_REDIS_PLAIN_TENANT: DEMO_TENANT.id })
    expect(redis).toEqual({ url: 'redis://:x@h/1', plainTenant: DEMO_TENANT.id })
  })

  it('knows each variable that it documents', () => {
    for (const { name } of VARIABLES) expect(() => readConfig({ [name]: '' })).not.toThrow()
  })
})
