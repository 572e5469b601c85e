/**
 * A forest as bytes, for the model store: a header of seven 32-bit numbers, then the arrays as they are, little-endian.
 * It is read whole or not at all: another version, another length or a feature that is not there is refused, since a
 * scorer trusts what it is given.
 */
import { RevwallError } from '../../../core/runtime/errors.ts'
import { type Forest, MAX_FEATURES, MAX_SAMPLE_SIZE, MAX_TREES } from './forest.ts'

/** Counts up with every change of what the bytes, or the numbers in them, mean. */
export const FOREST_VERSION = 1
/** "rvif". */
const MAGIC = 0x66697672
const HEADER_BYTES = 28

export function encodeForest(forest: Forest): Uint8Array {
  const { features, trees, sampleSize, levels, medians, thresholds, splits, lengths } = forest
  const bytes = new Uint8Array(HEADER_BYTES + bodyBytes(forest))
  const view = new DataView(bytes.buffer)
  const header = [MAGIC, FOREST_VERSION, features, trees, sampleSize, levels, bytes.length]
  for (const [at, value] of header.entries()) view.setUint32(at * 4, value, true)
  let at = HEADER_BYTES
  for (const value of [...medians, ...thresholds]) {
    view.setFloat64(at, value, true)
    at += 8
  }
  for (const value of lengths) {
    view.setInt32(at, value, true)
    at += 4
  }
  bytes.set(splits, at)
  return bytes
}

/** Throws RevwallError `forest_version` for another version, `forest_damaged` for what is no forest. */
export function decodeForest(bytes: Uint8Array): Forest {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw damaged('it is no forest')
  const version = view.getUint32(4, true)
  if (version !== FOREST_VERSION)
    throw new RevwallError(
      'forest_version',
      `this model is of version ${version}, this program reads ${FOREST_VERSION}: fit it again`,
    )
  const shape = shapeOf(view)
  if (view.getUint32(24, true) !== bytes.length || bytes.length !== HEADER_BYTES + bodyBytes(shape))
    throw damaged('its length is not what its header says')
  return readBody(shape, view, bytes)
}

type Shape = Pick<Forest, 'features' | 'trees' | 'sampleSize' | 'levels'>

function shapeOf(view: DataView): Shape {
  const [features, trees, sampleSize, levels] = [8, 12, 16, 20].map((at) => view.getUint32(at, true)) as [
    number,
    number,
    number,
    number,
  ]
  const isRight =
    within(features, 1, MAX_FEATURES) &&
    within(trees, 1, MAX_TREES) &&
    within(sampleSize, 2, MAX_SAMPLE_SIZE) &&
    levels === Math.ceil(Math.log2(sampleSize))
  if (!isRight) throw damaged('its sizes are out of bounds')
  return { features, trees, sampleSize, levels }
}

function readBody(shape: Shape, view: DataView, bytes: Uint8Array): Forest {
  const { features, trees, levels } = shape
  let at = HEADER_BYTES
  const readDoubles = (length: number): Float64Array =>
    Float64Array.from({ length }, () => {
      at += 8
      return view.getFloat64(at - 8, true)
    })
  const medians = readDoubles(features)
  const thresholds = readDoubles(trees << levels)
  const lengths = Int32Array.from({ length: trees << (levels + 1) }, () => {
    at += 4
    return view.getInt32(at - 4, true)
  })
  const splits = bytes.slice(at)
  if (splits.some((feature) => feature >= features))
    throw damaged('a tree asks for a feature that is not there')
  if ([...medians, ...thresholds].some(Number.isNaN)) throw damaged('a number in it is none')
  return { ...shape, medians, thresholds, splits, lengths }
}

function bodyBytes({ features, trees, levels }: Shape): number {
  const nodes = trees << levels
  return 8 * (features + nodes) + 4 * (2 * nodes) + nodes
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most
}

function damaged(why: string): RevwallError {
  return new RevwallError('forest_damaged', `the stored model cannot be read (${why}): fit it again`)
}
