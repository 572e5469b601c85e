/**
 * A PNG with a palette of 256 colours out of one of a browser: a third of its size, and no eye sees it on a wall of few
 * colours. Colours are counted by five bits a channel and cut at the median of the widest channel (Heckbert 1982), again and
 * again where most pixels are. It reads what Chromium writes: eight bits a channel, with or without alpha, not interlaced.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const COLOURS = 256
const BITS = 5

interface Image {
  width: number
  height: number
  /** Three bytes a pixel. */
  rgb: Uint8Array
}

/** Of one cell of the colours: how many pixels, and the sum of each of their channels. */
interface Cell {
  at: readonly [number, number, number]
  count: number
  sums: [number, number, number]
}

export function palettePng(png: Buffer): Buffer {
  const { width, height, rgb } = decode(png)
  const cells = countCells(rgb)
  const boxes = cut([...cells.values()])
  const palette = Buffer.alloc(boxes.length * 3)
  const indexOf = new Map<number, number>()
  for (const [index, box] of boxes.entries()) {
    const pixels = box.reduce((sum, { count }) => sum + count, 0)
    for (const channel of [0, 1, 2] as const)
      palette[index * 3 + channel] = Math.round(
        box.reduce((sum, { sums }) => sum + sums[channel], 0) / pixels,
      )
    for (const { at } of box) indexOf.set(keyOf(...at), index)
  }
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3
      rows[y * (width + 1) + 1 + x] = indexOf.get(cellAt(rgb, from))!
    }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

export function decode(png: Buffer): Image {
  const width = png.readUInt32BE(16)
  const height = png.readUInt32BE(20)
  const [depth, kind, , , interlaced] = png.subarray(24, 29)
  const channels = kind === 2 ? 3 : kind === 6 ? 4 : 0
  if (depth !== 8 || channels === 0 || interlaced !== 0) throw new Error('not a PNG as Chromium writes them')
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  const bytes = unfilter(inflateSync(Buffer.concat(parts)), { width, height, channels })
  const rgb = new Uint8Array(width * height * 3)
  for (let pixel = 0; pixel < width * height; pixel++)
    rgb.set(bytes.subarray(pixel * channels, pixel * channels + 3), pixel * 3)
  return { width, height, rgb }
}

/** PNG 1.2, 6: each row says how it was predicted from what is left of and above it. */
function unfilter(
  data: Buffer,
  { width, height, channels }: { width: number; height: number; channels: number },
): Buffer {
  const line = width * channels
  const out = Buffer.alloc(line * height)
  for (let y = 0; y < height; y++) {
    const filter = data[y * (line + 1)]!
    for (let x = 0; x < line; x++) {
      const to = y * line + x
      const left = x < channels ? 0 : out[to - channels]!
      const above = y === 0 ? 0 : out[to - line]!
      const corner = x < channels || y === 0 ? 0 : out[to - line - channels]!
      out[to] = data[y * (line + 1) + 1 + x]! + predict(filter, left, above, corner)
    }
  }
  return out
}

function predict(filter: number, left: number, above: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return above
  if (filter === 3) return (left + above) >> 1
  if (filter !== 4) return 0
  const guess = left + above - corner
  const [byLeft, byAbove, byCorner] = [left, above, corner].map((value) => Math.abs(guess - value)) as [
    ...[number, number, number],
  ]
  if (byLeft <= byAbove && byLeft <= byCorner) return left
  return byAbove <= byCorner ? above : corner
}

const keyOf = (red: number, green: number, blue: number) => (((red << BITS) | green) << BITS) | blue
const cellOf = (value: number) => value >> (8 - BITS)
const cellAt = (rgb: Uint8Array, at: number) =>
  keyOf(cellOf(rgb[at]!), cellOf(rgb[at + 1]!), cellOf(rgb[at + 2]!))

function countCells(rgb: Uint8Array): Map<number, Cell> {
  const cells = new Map<number, Cell>()
  for (let at = 0; at < rgb.length; at += 3) {
    const key = cellAt(rgb, at)
    let cell = cells.get(key)
    if (cell === undefined) {
      cell = { at: [cellOf(rgb[at]!), cellOf(rgb[at + 1]!), cellOf(rgb[at + 2]!)], count: 0, sums: [0, 0, 0] }
      cells.set(key, cell)
    }
    cell.count += 1
    for (const channel of [0, 1, 2] as const) cell.sums[channel] += rgb[at + channel]!
  }
  return cells
}

function cut(all: Cell[]): Cell[][] {
  const boxes: Cell[][] = [all]
  while (boxes.length < COLOURS) {
    const widest = boxes
      .map((box, index) => ({ index, ...widthOf(box) }))
      .filter(({ width }) => width > 0)
      .sort((a, b) => b.weight - a.weight)[0]
    if (widest === undefined) return boxes
    const box = boxes[widest.index]!.sort((a, b) => a.at[widest.channel]! - b.at[widest.channel]!)
    boxes.splice(widest.index, 1, ...halves(box))
  }
  return boxes
}

/** A box with many pixels, and one whose colours are far apart, are cut first. */
function widthOf(box: readonly Cell[]): { width: number; channel: number; weight: number } {
  const spans = [0, 1, 2].map((channel) => {
    const values = box.map(({ at }) => at[channel]!)
    return Math.max(...values) - Math.min(...values)
  })
  const width = Math.max(...spans)
  const pixels = box.reduce((sum, { count }) => sum + count, 0)
  return { width, channel: spans.indexOf(width), weight: width * Math.sqrt(pixels) }
}

function halves(box: Cell[]): [Cell[], Cell[]] {
  const half = box.reduce((sum, { count }) => sum + count, 0) / 2
  let [seen, at] = [0, 0]
  while (at < box.length - 1 && seen < half) seen += box[at++]!.count
  return [box.slice(0, Math.max(1, at)), box.slice(Math.max(1, at))]
}

function chunk(type: string, data: Buffer): Buffer {
  const whole = Buffer.alloc(data.length + 12)
  whole.writeUInt32BE(data.length, 0)
  whole.write(type, 4, 'latin1')
  data.copy(whole, 8)
  whole.writeUInt32BE(crc32(whole.subarray(4, data.length + 8)), data.length + 8)
  return whole
}
