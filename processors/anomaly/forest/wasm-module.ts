/**
 * As much of the WebAssembly binary format (W3C, core specification 2.0, chapter 5) as the scorer needs, by name. No
 * compiler is needed to build the product, and what runs can be read.
 */
export const I32 = 0x7f
export const F64 = 0x7c

/** Instructions that take nothing but the stack. */
export const op = {
  end: [0x0b],
  i32Add: [0x6a],
  i32Or: [0x72],
  i32Shl: [0x74],
  i32ShrU: [0x76],
  i32LtU: [0x49],
  f64Ge: [0x66],
} as const

/** A loop without a result; `brIf(0)` inside goes round again. */
export const loop = [0x03, 0x40]

export const brIf = (depth: number): number[] => [0x0d, ...unsigned(depth)]
export const localGet = (local: number): number[] => [0x20, ...unsigned(local)]
export const localSet = (local: number): number[] => [0x21, ...unsigned(local)]
export const localTee = (local: number): number[] => [0x22, ...unsigned(local)]
export const i32Const = (value: number): number[] => [0x41, ...signed(value)]
/** The address on the stack plus `offset`; 2 and 3 are the logarithms of the alignment. */
export const i32Load = (offset: number): number[] => [0x28, 2, ...unsigned(offset)]
export const f64Load = (offset: number): number[] => [0x2b, 3, ...unsigned(offset)]
export const i32Store = (offset: number): number[] => [0x36, 2, ...unsigned(offset)]

export interface WasmFunction {
  /** Types of what is passed. */
  parameters: readonly number[]
  /** Types of the other locals, numbered on from the parameters. */
  locals: readonly number[]
  body: readonly number[]
}

const PAGE_BYTES = 65_536
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const EXPORTED_FUNCTION = 0
const EXPORTED_MEMORY = 2

/** A module with one function without results and a memory of a fixed size, exported as `run` and `memory`. */
export function wasmModule(
  { parameters, locals, body }: WasmFunction,
  memoryBytes: number,
): Uint8Array<ArrayBuffer> {
  const pages = Math.ceil(memoryBytes / PAGE_BYTES)
  const declared = locals.flatMap((type) => [1, type])
  const code = [...unsigned(locals.length), ...declared, ...body, ...op.end]
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, [1, 0x60, ...unsigned(parameters.length), ...parameters, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 1, ...unsigned(pages), ...unsigned(pages)]),
    ...section(7, [2, ...name('run'), EXPORTED_FUNCTION, 0, ...name('memory'), EXPORTED_MEMORY, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ])
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text, 'ascii')]
}

/** LEB128, for whole numbers from 0 to 2^32 − 1. */
function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value >>> 0
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return [...bytes, rest]
}

/** LEB128 with a sign, for 32-bit numbers. */
function signed(value: number): number[] {
  const bytes: number[] = []
  let rest = value | 0
  while (rest < -0x40 || rest > 0x3f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>= 7
  }
  return [...bytes, rest & 0x7f]
}
