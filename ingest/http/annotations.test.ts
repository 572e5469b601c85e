/** What a build server tells with a key: in the log when it is answered, or told why not. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { annotationEvent } from '../../core/contracts/notes.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { type Door, openDoor } from './testing/open-door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door.close())

const AT = '2024-03-01T10:00:00Z'
const deploy = (id: string, more: object = {}) => ({
  id,
  kind: 'deploy',
  at: AT,
  text: `build ${id}`,
  ...more,
})

async function notes(): Promise<{ key: string; event: unknown }[]> {
  const records = await door.log.read('notes', 0, 0, { maxRecords: 1_000, maxBytes: 1e6 })
  return records.map(({ key, value }) => ({ key, event: JSON.parse(Buffer.from(value).toString()) }))
}

test('one, a list and lines are in the log, of the key’s tenant and by the key', async () => {
  expect(await door.annotate(deploy('a', { by: 'somebody else', removed: true }))).toMatchObject({
    ...{ status: 202, body: { accepted: 1, rejectedCount: 0, rejected: [] } },
  })
  expect(
    (await door.annotate([deploy('b'), { ...deploy('c'), until: '2024-03-02T00:00:00Z' }])).body.accepted,
  ).toBe(2)
  const lines = [deploy('d'), deploy('a')].map((one) => JSON.stringify(one)).join('\n')
  expect((await door.annotate(lines, { 'content-type': 'application/x-ndjson' })).body.accepted).toBe(2)
  const all = await notes()
  expect(all.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'a'].map((id) => `acme/annotation/${id}`))
  for (const { event } of all)
    expect(annotationEvent.parse(event)).toMatchObject({
      ...{ tenant: 'acme', kind: 'deploy', at: AT, by: expect.stringMatching(/^key \w+$/), removed: false },
    })
})

test('what tells no time is of now', async () => {
  const before = Date.now()
  await door.annotate({ id: 'now', kind: 'other', text: 'x' })
  const { at } = annotationEvent.parse((await notes()).at(-1)!.event)
  expect(Date.parse(at)).toBeGreaterThanOrEqual(before)
  expect(Date.parse(at)).toBeLessThanOrEqual(Date.now())
})

test('what is wrong is told item by item, and costs the others nothing', async () => {
  const before = (await notes()).length
  const { status, body } = await door.annotate([
    deploy('good'),
    deploy('words', { text: ' ' }),
    deploy('other', { tenant: 'zebra' }),
    deploy('ends', { until: AT }),
    { ...deploy('x'), id: undefined },
    { type: 'order', kind: 'none' },
    7,
  ])
  expect([status, body.accepted, body.rejectedCount]).toEqual([202, 1, 6])
  expect(body.rejected.map(({ index, code }: { index: number; code: string }) => [index, code])).toEqual([
    ...[
      [1, 'INVALID'],
      [2, 'OTHER_TENANT'],
      [3, 'INVALID'],
      [4, 'INVALID'],
      [5, 'INVALID'],
      [6, 'INVALID'],
    ],
  ])
  expect(body.rejected[3].message).toMatch(/^id: /)
  expect(await notes()).toHaveLength(before + 1)
})

test('without a key nothing is taken, and no order at this door', async () => {
  const before = (await notes()).length
  expect((await door.annotate(deploy('x'), { authorization: '' })).status).toBe(401)
  expect((await door.annotate(deploy('x'), { authorization: 'Bearer rvw_none' })).status).toBe(401)
  expect(await notes()).toHaveLength(before)
  expect(await door.records()).toEqual([])
})

test('while the log takes nothing it is 503, and nothing was taken', async () => {
  const { append } = door.log
  door.log.append = () => Promise.reject(new RevwallError('LOG_FULL', 'full'))
  try {
    const { status, body, headers } = await door.annotate(deploy('full'))
    expect([status, body.error.code]).toEqual([503, 'LOG_UNAVAILABLE'])
    expect(headers.get('retry-after')).not.toBeNull()
  } finally {
    door.log.append = append
  }
})
