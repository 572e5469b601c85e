/**
 * What parts of the server say of themselves: an English sentence, for logs and REST, and a code with what stands in it, for
 * whoever says it in another language. The code is the contract; of one that a reader does not know there is the sentence.
 * A processor that halted has the code of its error (`LOG_ENDS_BEFORE_MARK`); all others stand here.
 */
import { z } from 'zod'

const MAX_CODE_CHARS = 60
const MAX_PARAM_CHARS = 200

export const sayingParams = z.record(
  z.string().max(MAX_CODE_CHARS),
  z.union([z.string().max(MAX_PARAM_CHARS), z.number()]),
)
export type SayingParams = z.infer<typeof sayingParams>

/** Of an event, beside its `message`; '' where there is but the sentence. */
export const sayingFields = {
  code: z.string().max(MAX_CODE_CHARS).default(''),
  params: sayingParams.default({}),
}

/** Of a tile, where there is a code. */
export const toldFields = {
  code: z.string().optional(),
  params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
}
export interface Told {
  message: string
  code?: string | undefined
  params?: SayingParams | undefined
}

export const SAYINGS = {
  'source.loaded': () => 'loaded',
  'source.stopped': () => 'stopped',
  'replay.pass': ({ pass, speed }) => `pass ${pass}, ${speed}×`,
  'replay.rereading': () => 'reading the file again, to go on where it was',
  'replay.nothing-left': () => 'the file has nothing after its history',
  'replay.past-today': ({ pass, at }) => `pass ${pass} would reach ${at}, past today`,
  'shop.rereading': () => 'simulating again what the log has, to go on where it was',
  'shop.usual': () => 'what its customers buy',
  'shop.usual-steady': () => 'what its customers buy, steady',
  'shop.rate': ({ rate }) => `${rate} orders a second`,
  'shop.rate-steady': ({ rate }) => `${rate} orders a second, steady`,
  'processor.starting': () => 'starting',
  'processor.fenced': () => 'another processor wrote; taking its word',
  'processor.waiting': () => 'waiting for ClickHouse',
  'processor.gone': () => 'processor not running; start one with: revwall process',
} as const satisfies Readonly<Record<string, (params: SayingParams) => string>>
export type SayingCode = keyof typeof SAYINGS

export function say(code: SayingCode, params: SayingParams = {}): Required<Told> {
  const sentence: (params: SayingParams) => string = SAYINGS[code]
  return { message: sentence(params), code, params }
}

/** Beside what a tile tells; nothing where there is no code. */
export function codeOf({ code, params }: Told): Pick<Told, 'code' | 'params'> {
  return code ? { code, ...(params && Object.keys(params).length > 0 && { params }) } : {}
}
