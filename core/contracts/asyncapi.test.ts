/** The document by AsyncAPI's own schema, and the stored events by the document. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormatsModule from 'ajv-formats'
import { expect, it } from 'vitest'
import { asyncapiDocument } from './asyncapi.ts'

// It is CommonJS, whose default export types call a namespace.
const addFormats = addFormatsModule as unknown as (ajv: Ajv) => void
const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object
const document = asyncapiDocument('0.1.0')

interface Message {
  name: string
  payload: { properties: { type: { const: string } } }
}

function validators(): Map<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false })
  addFormats(ajv)
  const { messages } = document.components as { messages: Record<string, Message> }
  return new Map(Object.entries(messages).map(([key, { payload }]) => [key, ajv.compile(payload)]))
}

const valid = (given: unknown) => {
  const ajv = new Ajv({ strict: false, validateFormats: false })
  const validate = ajv.compile(schema)
  return { isValid: validate(given), faults: validate.errors?.slice(0, 5) }
}

it('is AsyncAPI 3.0, and what is planted is found', () => {
  expect(valid(document)).toEqual({ isValid: true, faults: undefined })
  expect(valid({ ...document, channels: { x: { address: 5 } } }).isValid).toBe(false)
  expect(valid({ ...document, colour: 'red' }).isValid).toBe(false)
})

it('leads from every reference to what is there', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!)
  const found = references.map((path) =>
    path.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document),
  )
  expect(references.length).toBeGreaterThan(8)
  expect(found).not.toContain(undefined)
})

it('describes every stored event of results, and takes no other for it', () => {
  const all = validators()
  const folder = new URL('./corpus/', import.meta.url)
  const events = readdirSync(folder).map((file) => ({
    file,
    event: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { type: string },
  }))
  expect([...all.keys()].sort()).toEqual([
    'alert',
    'alert-webhook',
    'anomaly',
    'anomaly-webhook',
    'forecast',
    'segment',
    'segment-webhook',
  ])
  const { messages } = document.components as { messages: Record<string, Message> }
  for (const [name, validate] of all) {
    const { type } = messages[name]!.payload.properties
    const own = events.filter(({ event }) => event.type === type.const)
    expect(own.length, name).toBeGreaterThan(0)
    expect(
      events.filter(({ event }) => validate(event)).map(({ file }) => file),
      name,
    ).toEqual(own.map(({ file }) => file))
    const { event } = own[0]!
    expect(validate({ ...event, addedLater: 1 }), name).toBe(true)
    expect(validate({ ...event, type: 5 }), name).toBe(false)
  }
})
