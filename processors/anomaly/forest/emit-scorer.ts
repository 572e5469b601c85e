/**
 * Writes the WebAssembly that sends a block of rows down one tree, made to measure for a number of features and levels:
 * all strides are then constants of the instructions, and the way down is one straight line without a branch or a loop.
 * Eight rows go down side by side, so that one row's loads are under way while another's comparison waits.
 *
 * The memory, in bytes; a node's address is 16 × its number in the heap, so that one step down is a shift and an add:
 *
 *     0                    nodes: threshold (f64), 8 × feature (i32), unused (i32); 2^levels of them
 *     16 · 2^levels        lengths of the leaves (i32), 2^levels of them
 *     20 · 2^levels        sums of the block's rows (i32)
 *     … + 4 · rows         the rows' values (f64)
 */
import {
  brIf,
  F64,
  f64Load,
  I32,
  i32Const,
  i32Load,
  i32Store,
  localGet,
  localSet,
  localTee,
  loop,
  op,
  wasmModule,
} from './wasm-module.ts'

export interface ScorerShape {
  features: number
  levels: number
  /** A multiple of LANES. */
  blockRows: number
}

/** Rows side by side. */
export const LANES = 8
export const NODE_BYTES = 16
const FEATURE_AT = 8
const VALUE_BYTES = 8
const SUM_BYTES = 4

export interface ScorerLayout {
  lengthsAt: number
  sumsAt: number
  rowsAt: number
  bytes: number
}

export function scorerLayout({ features, levels, blockRows }: ScorerShape): ScorerLayout {
  const lengthsAt = NODE_BYTES << levels
  const sumsAt = lengthsAt + (SUM_BYTES << levels)
  // Values are aligned: 20 · 2^levels and 4 × a multiple of 8 rows both divide by 8.
  const rowsAt = sumsAt + blockRows * SUM_BYTES
  return { lengthsAt, sumsAt, rowsAt, bytes: rowsAt + blockRows * features * VALUE_BYTES }
}

// The locals of run(bytesOfSums). `ROW` and `SUM` are how far the loop has come among rows and sums.
const END = 0
const ROW = 1
const SUM = 2
const ROOT_FEATURE = 3
const FIRST_NODE = 4
const ROOT_THRESHOLD = FIRST_NODE + LANES

/**
 * `run(4 × rows)`: adds, for each of the first rows, the length of the leaf where it ends to its sum; up to LANES − 1
 * rows more than were asked for.
 */
export function emitScorer(shape: ScorerShape): Uint8Array<ArrayBuffer> {
  const layout = scorerLayout(shape)
  const lanes = Array.from({ length: LANES }, (_, lane) => lane)
  const levels = Array.from({ length: shape.levels - 1 }, (_, level) => level)
  const body = [
    ...readRoot(),
    ...loop,
    ...lanes.flatMap((lane) => firstStep(shape, layout, lane)),
    ...levels.flatMap(() => lanes.flatMap((lane) => nextStep(shape, layout, lane))),
    ...lanes.flatMap((lane) => addLength(shape, layout, lane)),
    ...advance(shape),
    ...op.end,
  ]
  const locals = [I32, I32, I32, ...lanes.map(() => I32), F64]
  return wasmModule({ parameters: [I32], locals, body }, layout.bytes)
}

/** Node 1 is asked about every row: it is read once. */
function readRoot(): number[] {
  const root = i32Const(NODE_BYTES)
  return [
    ...[...root, ...f64Load(0), ...localSet(ROOT_THRESHOLD)],
    ...[...root, ...i32Load(FEATURE_AT), ...localSet(ROOT_FEATURE)],
  ]
}

/** node = 2 + (value ≥ threshold), as an address. */
function firstStep(shape: ScorerShape, layout: ScorerLayout, lane: number): number[] {
  return [
    ...[...localGet(ROW), ...localGet(ROOT_FEATURE), ...op.i32Add, ...f64Load(laneAt(shape, layout, lane))],
    ...[...localGet(ROOT_THRESHOLD), ...op.f64Ge],
    ...[...i32Const(4), ...op.i32Shl, ...i32Const(2 * NODE_BYTES), ...op.i32Or],
    ...localSet(FIRST_NODE + lane),
  ]
}

/** node = 2 · node + (value ≥ threshold), as addresses. */
function nextStep(shape: ScorerShape, layout: ScorerLayout, lane: number): number[] {
  const node = FIRST_NODE + lane
  return [
    ...[...localGet(node), ...i32Const(1), ...op.i32Shl],
    ...[...localGet(ROW), ...localGet(node), ...i32Load(FEATURE_AT), ...op.i32Add],
    ...f64Load(laneAt(shape, layout, lane)),
    ...[...localGet(node), ...f64Load(0), ...op.f64Ge],
    ...[...i32Const(4), ...op.i32Shl, ...op.i32Add, ...localSet(node)],
  ]
}

/** The leaf's number less 2^levels, times 4, is the place of its length. */
function addLength({ levels }: ScorerShape, { lengthsAt, sumsAt }: ScorerLayout, lane: number): number[] {
  const sumAt = sumsAt + lane * SUM_BYTES
  return [
    ...localGet(SUM),
    ...[...localGet(SUM), ...i32Load(sumAt)],
    ...[...localGet(FIRST_NODE + lane), ...i32Const(2), ...op.i32ShrU],
    ...[...i32Load(lengthsAt - (SUM_BYTES << levels)), ...op.i32Add, ...i32Store(sumAt)],
  ]
}

function advance({ features }: ScorerShape): number[] {
  return [
    ...[...localGet(ROW), ...i32Const(LANES * features * VALUE_BYTES), ...op.i32Add, ...localSet(ROW)],
    ...[...localGet(SUM), ...i32Const(LANES * SUM_BYTES), ...op.i32Add, ...localTee(SUM)],
    ...[...localGet(END), ...op.i32LtU, ...brIf(0)],
  ]
}

function laneAt({ features }: ScorerShape, { rowsAt }: ScorerLayout, lane: number): number {
  return rowsAt + lane * features * VALUE_BYTES
}
