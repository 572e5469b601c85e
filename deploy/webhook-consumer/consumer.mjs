/**
 * Takes webhooks of revwall: plain Node, no packages. It verifies who sent them, takes each once, and answers 204 only when
 * that is safe.
 *
 *   WEBHOOK_SECRET=whsec_… PORT=8080 node consumer.mjs
 *
 * What it takes it prints, a line each; put your own in `take`. Ids that it has seen stand in SEEN_FILE (seen-ids.txt).
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const { WEBHOOK_SECRET = '', PORT = '8080', SEEN_FILE = 'seen-ids.txt' } = process.env
/** Several while you change to a new one: `revwall endpoints rotate` has both sign for a day. */
const keys = WEBHOOK_SECRET.split(' ').map((secret) => Buffer.from(secret.replace('whsec_', ''), 'base64'))
// With an empty key anybody could sign.
if (keys.some(({ length }) => length < 24))
  throw new Error('WEBHOOK_SECRET is wanted: whsec_…, as revwall endpoints add prints it')
const MAX_BODY_BYTES = 1_000_000
/** An old request, sent again by somebody who saw it, is refused. */
const TOLERANCE_S = 300

const seen = new Set(existsSync(SEEN_FILE) ? readFileSync(SEEN_FILE, 'utf8').split('\n') : [])

function isGenuine({ id, timestamp, signatures, body }) {
  if (!(Math.abs(Date.now() / 1_000 - Number(timestamp)) <= TOLERANCE_S)) return false
  const expected = keys.map((key) =>
    createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest(),
  )
  const given = signatures.split(' ').filter((text) => text.startsWith('v1,'))
  return given.some((text) => {
    const signature = Buffer.from(text.slice('v1,'.length), 'base64')
    return expected.some((own) => own.length === signature.length && timingSafeEqual(own, signature))
  })
}

function take(event) {
  console.log(JSON.stringify({ type: event.type, id: event.id, title: event.data?.title }))
}

createServer(async (request, response) => {
  const parts = []
  let bytes = 0
  for await (const part of request) {
    parts.push(part)
    bytes += part.length
    if (bytes > MAX_BODY_BYTES) return response.writeHead(413).end()
  }
  const body = Buffer.concat(parts)
  const {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures = '',
  } = request.headers
  if (!isGenuine({ id, timestamp, signatures, body })) return response.writeHead(401).end()
  // The same event may come twice, with the same id: it is taken once, and both are told that all is well.
  if (!seen.has(id)) {
    take(JSON.parse(body.toString('utf8')))
    seen.add(id)
    appendFileSync(SEEN_FILE, `${id}\n`)
  }
  response.writeHead(204).end()
}).listen(Number(PORT), '127.0.0.1', function () {
  console.log(`listening on ${this.address().port}`)
})
