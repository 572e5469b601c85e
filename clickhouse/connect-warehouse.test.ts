import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canSkipSmallDisks, mountSmallDisk } from '../test/campaign/processes/small-disk.ts'
import { startTestEngine, type TestEngine } from '../test/with-engine.ts'
import { connectWarehouse } from './connect-warehouse.ts'

describe('a warehouse on a real server', () => {
  let db: TestEngine
  beforeAll(async () => {
    db = await startTestEngine()
    await db.warehouse.command('CREATE TABLE rows (n UInt64, m Decimal(38, 4)) ENGINE = MergeTree ORDER BY n')
  })
  afterAll(() => db.stop())

  const count = async () => {
    const [row] = await db.warehouse.query<{ n: string }>('SELECT count() AS n FROM rows')
    return Number(row!.n)
  }

  test('gives 64-bit integers and decimals as strings, to the last digit', async () => {
    const sql = "SELECT 18446744073709551615 AS n, toDecimal128('9007199254740993.0001', 4) AS m"
    const rows = await db.warehouse.query(sql)
    expect(rows).toEqual([{ n: '18446744073709551615', m: '9007199254740993.0001' }])
  })

  test('binds parameters, whatever is in them', async () => {
    const params = { text: "'; DROP TABLE rows --\n\t\\", list: ["a'b", 'c'] }
    const rows = await db.warehouse.query('SELECT {text:String} AS text, {list:Array(String)} AS list', {
      params,
    })
    expect(rows).toEqual([params])
  })

  test('inserts a body, with parameters, under its query id', async () => {
    const before = await count()
    const sql = `INSERT INTO rows SELECT n + {add:UInt64}, m FROM input('n UInt64, m Decimal(38, 4)') FORMAT CSV`
    await db.warehouse.insert(sql, new TextEncoder().encode('1,0.5\n2,1.25\n'), {
      queryId: 'r:0:1',
      params: { add: 100 },
    })
    expect(await count()).toBe(before + 2)
    expect(await db.warehouse.query('SELECT m FROM rows WHERE n = 102')).toEqual([{ m: '1.25' }])
  })

  test('rejects an insert whose guard throws, with ClickHouse’s code, and nothing lands', async () => {
    const before = await count()
    const sql = `INSERT INTO rows SELECT * FROM input('n UInt64, m Decimal(38, 4)')
      WHERE throwIf({m:UInt64} != 5, 'fenced') = 0 FORMAT CSV`
    const insert = db.warehouse.insert(sql, Buffer.from('1,1\n'), { queryId: 'r:0:2', params: { m: 4 } })
    await expect(insert).rejects.toMatchObject({ name: 'RevwallError', code: 'CLICKHOUSE_395' })
    await expect(insert).rejects.toThrow('fenced')
    expect(await count()).toBe(before)
  })

  test('rejects a broken body, a wrong statement and an unknown setting', async () => {
    const insert = db.warehouse.insert('INSERT INTO rows FORMAT CSV', Buffer.from('x,y\n'), {
      queryId: 'r:0:3',
    })
    await expect(insert).rejects.toMatchObject({ code: 'CLICKHOUSE_27' })
    await expect(db.warehouse.command('DROP TABLE nowhere')).rejects.toMatchObject({ code: 'CLICKHOUSE_60' })
    const query = db.warehouse.query('SELECT 1', { settings: { no_such: 1 } })
    await expect(query).rejects.toMatchObject({ code: 'CLICKHOUSE_115' })
  })

  test('refuses a second running insert of the same query id', async () => {
    const sql = 'INSERT INTO rows SELECT number, sleepEachRow(0.5) FROM numbers(2)'
    const settings = { max_block_size: 1 }
    const slow = db.warehouse.command(sql, { queryId: 'r:0:4', settings })
    await expect.poll(() => runs('r:0:4')).toBe(true)
    const second = db.warehouse.insert('INSERT INTO rows FORMAT CSV', Buffer.from('1,1\n'), {
      queryId: 'r:0:4',
    })
    await expect(second).rejects.toMatchObject({ code: 'CLICKHOUSE_216' })
    await slow
  })

  test('rejects a query that fails after many rows', async () => {
    const query = db.warehouse.query('SELECT number, throwIf(number = 500000) FROM numbers(600000)')
    await expect(query).rejects.toMatchObject({ code: 'CLICKHOUSE_395' })
  })

  test('streams what is too long to hold, byte by byte as RowBinary has it', async () => {
    let [bytes, chunks] = [0, 0]
    const sql = 'SELECT toUInt32(number) AS n FROM numbers({rows:UInt32})'
    for await (const chunk of db.warehouse.stream(sql, { params: { rows: 1_000_000 } })) {
      bytes += chunk.length
      chunks += 1
    }
    expect(bytes).toBe(4_000_000)
    expect(chunks).toBeGreaterThan(10)
  })

  test('rejects a stream that fails before its first row or behind its last one, or is called off', async () => {
    const streamed = async (sql: string, signal?: AbortSignal) => {
      for await (const _chunk of db.warehouse.stream(sql, signal && { signal })) await Promise.resolve()
    }
    const failing = (rows: number) => `SELECT throwIf(number = ${rows - 1}) FROM numbers(${rows})`
    await expect(streamed('SELECT n FROM nowhere')).rejects.toMatchObject({ code: 'CLICKHOUSE_60' })
    await expect(streamed(failing(10))).rejects.toMatchObject({ code: 'CLICKHOUSE_395' })
    await expect(streamed(failing(9_000_000))).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' })
    const endless = 'SELECT number FROM system.numbers'
    await expect(streamed(endless, AbortSignal.timeout(300))).rejects.toMatchObject({
      code: 'CLICKHOUSE_ABORTED',
    })
    await expect(streamed(endless, AbortSignal.abort())).rejects.toMatchObject({ code: 'CLICKHOUSE_ABORTED' })
    // Who has seen enough leaves nothing running.
    for await (const chunk of db.warehouse.stream(endless)) if (chunk.length > 0) break
    await expect.poll(() => runs('', 'SELECT number FROM system.numbers%'), { timeout: 10_000 }).toBe(false)
  })

  test('calls a query off by its signal, also when that was aborted before', async () => {
    const query = db.warehouse.query('SELECT sleep(2)', { signal: AbortSignal.timeout(100) })
    await expect(query).rejects.toMatchObject({ code: 'CLICKHOUSE_ABORTED' })
    const late = db.warehouse.query('SELECT 1', { signal: AbortSignal.abort() })
    await expect(late).rejects.toMatchObject({ code: 'CLICKHOUSE_ABORTED' })
  })

  test('tells a wrong password from an unreachable server', async () => {
    const warehouse = connectWarehouse({ url: db.engine.url, user: 'revwall', password: 'wrong' })
    await expect(warehouse.query('SELECT 1')).rejects.toMatchObject({ code: 'CLICKHOUSE_516' })
    await warehouse.close()
  })

  test('answers again after the server was restarted, and is unreachable in between', async () => {
    await Promise.all(Array.from({ length: 8 }, () => db.warehouse.query('SELECT 1')))
    const up = new Promise((resolve) => db.engine.on('up', resolve))
    const long = db.warehouse.query('SELECT sleep(3)')
    await expect.poll(() => runs('', 'SELECT sleep(3)%')).toBe(true)
    db.engine.kill()
    await expect(long).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' })
    await expect(db.warehouse.query('SELECT 1')).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' })
    await up
    for (let i = 0; i < 20; i++) expect(await db.warehouse.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  async function runs(queryId: string, like = '%'): Promise<boolean> {
    const sql = `SELECT 1 FROM system.processes WHERE query LIKE {like:String}
      AND ({queryId:String} = '' OR query_id = {queryId:String}) AND query NOT LIKE '%system.processes%'`
    return (await db.warehouse.query(sql, { params: { queryId, like } })).length > 0
  }
})

describe('an insert resolves on nothing but a 200 with an empty body', () => {
  test.each([
    ['an exception in the body', {}, 'Code: 241. DB::Exception: Memory limit', 'CLICKHOUSE_241'],
    [
      'an exception with its code in a header',
      { 'x-clickhouse-exception-code': '159' },
      'Code: 159. DB::Exception: Timeout exceeded. (TIMEOUT_EXCEEDED)',
      'CLICKHOUSE_159',
    ],
    ['a header alone', { 'x-clickhouse-exception-code': '159' }, '', 'CLICKHOUSE_UNREACHABLE'],
    ['an exception after other output', {}, '1\nCode: 395. DB::Exception: fenced', 'CLICKHOUSE_395'],
    ['any other text', {}, 'welcome to the proxy', 'CLICKHOUSE_UNREACHABLE'],
  ])('%s', async (_what, headers, body, code) => {
    await withServer(
      (_request, response) => response.writeHead(200, headers).end(body),
      async (url) => {
        await expect(insertAt(url)).rejects.toMatchObject({ code })
      },
    )
  })

  test('a connection that ends in the middle of the answer', async () => {
    await withServer(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '10' }).flushHeaders()
        setTimeout(() => response.destroy(), 20)
      },
      async (url) => {
        await expect(insertAt(url)).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' })
      },
    )
  })

  test('a server that never answers', async () => {
    await withServer(
      () => {},
      async (url) => {
        await expect(insertAt(url, 200)).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' })
      },
    )
  })

  test('a proxy that redirects or has nothing to say', async () => {
    for (const status of [204, 301, 502])
      await withServer(
        (_request, response) => response.writeHead(status).end(),
        async (url) => {
          await expect(insertAt(url)).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' })
        },
      )
  })

  test('sends each insert once, even when the answer is lost', async () => {
    let requests = 0
    await withServer(
      (request, response) => {
        requests++
        request.resume().on('end', () => response.destroy())
      },
      async (url) => {
        await expect(insertAt(url)).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' })
      },
    )
    expect(requests).toBe(1)
  })
})

describe('an answer that lacks rows is no answer', () => {
  const summary = (rows: number) => ({
    'x-clickhouse-summary': JSON.stringify({ result_rows: String(rows) }),
  })
  test.each([
    ['none of one row', summary(1), ''],
    ['two of three', summary(3), '{"n":1}\n{"n":2}\n'],
  ])('%s', async (_what, headers, body) => {
    await withServer(
      (_request, response) => response.writeHead(200, headers).end(body),
      async (url) => {
        const warehouse = connectWarehouse({ url, user: 'u', password: 'p' })
        await expect(warehouse.query('SELECT 1')).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' })
        await warehouse.close()
      },
    )
  })

  test.skipIf(canSkipSmallDisks())(
    'a disk that is full makes ClickHouse send none, and status 200',
    async () => {
      const disk = mountSmallDisk('warehouse')!
      const db = await startTestEngine({ folder: disk.path })
      const read = (rows: number) => db.warehouse.query(`SELECT number FROM numbers(${rows})`)
      try {
        await db.warehouse.command('CREATE TABLE full (n UInt64) ENGINE = MergeTree ORDER BY n')
        const insert = (n: number) => db.warehouse.command(`INSERT INTO full VALUES (${n})`)
        await insert(1)
        // Long before nothing goes on it any more.
        disk.fill(200 * 2 ** 20)
        await expect(insert(2)).rejects.toMatchObject({ code: 'CLICKHOUSE_243' })
        disk.fill()
        await expect(read(100_000)).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' })
        expect(await read(3)).toEqual([{ number: '0' }, { number: '1' }, { number: '2' }])
        disk.free()
        expect(await read(100_000)).toHaveLength(100_000)
        await insert(3)
        expect(await db.warehouse.query('SELECT n FROM full ORDER BY n')).toEqual([{ n: '1' }, { n: '3' }])
      } finally {
        await db.warehouse.close()
        await db.engine.stop()
        disk.remove()
      }
    },
  )
})

async function insertAt(url: string, requestTimeoutMs?: number): Promise<void> {
  const warehouse = connectWarehouse({ url, user: 'u', password: 'p', requestTimeoutMs })
  try {
    await warehouse.insert('INSERT INTO t FORMAT CSV', Buffer.from('1\n'), { queryId: 'q' })
  } finally {
    await warehouse.close()
  }
}

async function withServer(
  answer: Parameters<typeof createServer>[1] & {},
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server: Server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
