/** What people type: options, variables, and a file of order lines. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Command } from '../../commands/command.ts'
import { keys } from '../../commands/keys.ts'
import { replay } from '../../commands/replay.ts'
import { sql } from '../../commands/sql.ts'
import { up } from '../../commands/up.ts'
import { readConfig, VARIABLES } from '../../core/runtime/env.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { runRevwall } from '../cli/run-revwall.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { NAUGHTY_TEXTS, REFUSED_TEXTS } from './naughty-strings.ts'

const folder = temporaryFolder('bad-commands')
afterAll(() => folder.remove())
const ALL = [...NAUGHTY_TEXTS, ...REFUSED_TEXTS]

function start(command: Command, args: string[]): Promise<number> {
  const config = readConfig({ REVWALL_DATA: folder.path, PORT: '0' })
  const abort = new AbortController()
  return command.run({
    config,
    logger: silentLogger,
    args,
    given: [],
    print: () => {},
    signal: abort.signal,
  } as never)
}

/** The code of the refusal; anything else that is thrown is a bug. */
async function refusalOf(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof RevwallError)) throw error
    expect(error.message.length).toBeGreaterThan(10)
    return error.code
  }
  return 'none'
}

describe('options', () => {
  test.each<[string, Command, (text: string) => string[]]>([
    ['up --speed', up, (text) => ['--no-replay', '--speed', Number(text) > 0 ? 'fast' : text]],
    ['up with an argument', up, (text) => ['--no-replay', text === '--' ? '---' : text]],
    ['up with an option', up, (text) => ['--no-replay', `--${text || 'x'}`, 'x']],
    ['replay --tenant', replay, (text) => ['file.csv', '--tenant', text]],
    ['sql --tenant', sql, (text) => ['--tenant', text, 'SELECT 1']],
    ['keys', keys, (text) => [text]],
    ['keys add --tenant', keys, (text) => ['add', '--tenant', text]],
    ['keys revoke', keys, (text) => ['revoke', text]],
  ])('%s refuses what it cannot be', async (_what, command, argsOf) => {
    for (const text of ALL)
      expect(['BAD_USAGE', 'UNKNOWN_TENANT', 'UNKNOWN_KEY'], JSON.stringify(text)).toContain(
        await refusalOf(() => start(command, argsOf(text))),
      )
  })

  test('keys add --name takes texts that can be shown, and no others', async () => {
    const named = async (name: string) =>
      (await refusalOf(() => start(keys, ['add', '--tenant', 'online-retail', `--name=${name}`]))) === 'none'
    for (const text of ALL) {
      const canBeShown = text.length <= 100 && !/[\p{Cc}\p{Cs}]/u.test(text)
      expect([text, await named(text)]).toEqual([text, canBeShown])
    }
  })
})

describe('variables', () => {
  test.each(VARIABLES.map(({ name }) => name))(
    '%s is taken as what it is for, or refused by name',
    (name) => {
      for (const text of [...ALL, ' 60', '6e1', '-1', '1.5', '[{"__proto__":{"id":"a"}}]', '[]', 'http://']) {
        try {
          const config = readConfig({ [name]: text })
          const numbers = [config.port, config.speed, config.partitions, config.clickhouseMemoryBytes ?? 1]
          expect(numbers.every((number) => Number.isFinite(number) && number >= 0)).toBe(true)
          expect(config.tenants.every(({ id }) => /^[a-z0-9-]+$/.test(id))).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_CONFIG', message: expect.stringContaining(`  ${name}`) })
        }
      }
    },
  )
})

describe('a file of order lines', () => {
  const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const texts = NAUGHTY_TEXTS.filter((text) => text.trim() !== '')
  const line = (fields: { no?: string; sku?: string; quantity?: string; date?: string; price?: string }) => {
    const { no = '600000', sku = 'A', quantity = '1', date = '2010-12-01 08:26:00', price = '1' } = fields
    return `${no},${sku},Mug,${quantity},${date},${price},17850,Norway`
  }
  const BAD = [
    ...['NaN', '1e400', 'Infinity', quoted('1.234,56'), '1.23456', '', '0x10', '999999999999'].map(
      (quantity) => line({ quantity }),
    ),
    ...['NaN', '-1e400', quoted('1,5'), '£1', '½'].map((price) => line({ price })),
    ...['9999-12-31 00:00:00', '1999-12-31 23:59:59', '2010-02-30 08:00:00', 'yesterday', ''].map((date) =>
      line({ date }),
    ),
    ...['', 'a\u0000b', quoted('a\nb'), 'x'.repeat(201)].map((no) => line({ no })),
    ...[',,,', 'a', '{"type":"order"}', `${line({})},more`, 'x'.repeat(70_000)],
    line({ sku: '' }),
  ]

  test('every line is counted or told, and the good ones are in ClickHouse to the penny', async () => {
    const good = texts.map((text, i) => {
      const field = quoted(text)
      return {
        line: `${500_000 + i},${field},${field},1,2010-12-01 08:26:00,${i + 1}.01,${field},${field}`,
        cents: (i + 1) * 100 + 1,
      }
    })
    const lines = good.flatMap((each, i) => (BAD[i] === undefined ? [each.line] : [BAD[i], each.line]))
    const file = join(folder.path, 'bad.csv')
    const notUtf8 = Buffer.from('600001,A,\xff\xfe,1,2010-12-01 08:26:00,1,17850,Norway\r\n', 'latin1')
    const openQuote = Buffer.from(`${line({ sku: '"A' })}\n`)
    writeFileSync(
      file,
      Buffer.concat([Buffer.from(`\ufeff${HEADER}\n${lines.join('\n')}\n`), notUtf8, openQuote]),
    )
    expect(good.length).toBeGreaterThan(BAD.length)

    const env = { REVWALL_DATA: join(folder.path, 'replayed') }
    const { code, stdout, stderr } = await runRevwall(['replay', file, '--all'], env)
    expect(code, stderr).toBe(0)
    const cents = good.reduce((sum, each) => sum + each.cents, 0)
    expect(stdout).toContain(`${good.length} accepted, ${(cents / 100).toFixed(2)} GBP`)
    expect(stdout).toContain(`dead letters: ${BAD.length + 2} `)

    const asked = await runRevwall(['sql', '--json', QUERY], env)
    expect(JSON.parse(asked.stdout)).toEqual({ orders: String(good.length), cents: String(cents) })
    console.log(
      stdout
        .split('\n')
        .filter((each) => /^(read|dead letters)/.test(each))
        .join(' | '),
    )
  })
})

const QUERY = `SELECT toString(sum(booked_orders)) AS orders, toString(toInt64(sum(booked_revenue) * 100)) AS cents
  FROM revwall.v1_headline`
