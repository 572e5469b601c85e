/** Bytes that grow: the ground of all Native columns. Kept between batches, so that it is allocated once. */
const INITIAL_BYTES = 256
const TWO_32 = 0x1_0000_0000
/** Shorter text is cheaper to write here than to hand to the runtime. */
const SHORT_CHARS = 48

export class ByteSink {
  bytes: Buffer<ArrayBuffer>
  length = 0

  constructor(room = INITIAL_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(room)
  }

  reset(): void {
    this.length = 0
  }

  /** Makes room; what was written before stays. Returns where to write. */
  reserve(count: number): number {
    const at = this.length
    const needed = at + count
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
      this.bytes.copy(grown, 0, 0, at)
      this.bytes = grown
    }
    this.length = needed
    return at
  }

  u8(value: number): void {
    // Reserved first: the bytes may be others afterwards.
    const at = this.reserve(1)
    this.bytes[at] = value
  }

  u16(value: number): void {
    const at = this.reserve(2)
    this.bytes[at] = value
    this.bytes[at + 1] = value >>> 8
  }

  u32(value: number): void {
    const at = this.reserve(4)
    const { bytes } = this
    bytes[at] = value
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value >>> 16
    bytes[at + 3] = value >>> 24
  }

  /** Any safe integer, in two's complement. */
  i64(value: number): void {
    const at = this.reserve(8)
    const { bytes } = this
    const low = value >>> 0
    const high = (value - low) / TWO_32
    bytes[at] = low
    bytes[at + 1] = low >>> 8
    bytes[at + 2] = low >>> 16
    bytes[at + 3] = low >>> 24
    bytes[at + 4] = high
    bytes[at + 5] = high >> 8
    bytes[at + 6] = high >> 16
    bytes[at + 7] = high >> 24
  }

  /** LEB128, as ClickHouse writes lengths. */
  varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.u8(rest)
  }

  /** Its length in bytes and the text. */
  text(value: string): void {
    if (this.#ascii(value)) return
    const size = Buffer.byteLength(value, 'utf8')
    this.varint(size)
    const at = this.reserve(size)
    this.bytes.write(value, at, size, 'utf8')
  }

  /** Bytes that are there already, with their length before them. */
  slice(from: Uint8Array, start: number, end: number): void {
    const size = end - start
    if (size >= SHORT_CHARS) {
      this.varint(size)
      this.raw(from, start, end)
      return
    }
    const at = this.reserve(size + 1)
    const { bytes } = this
    bytes[at] = size
    for (let i = 0; i < size; i++) bytes[at + 1 + i] = from[start + i]!
  }

  raw(from: Uint8Array, start: number, end: number): void {
    const size = end - start
    const at = this.reserve(size)
    const { bytes } = this
    if (size < SHORT_CHARS) for (let i = 0; i < size; i++) bytes[at + i] = from[start + i]!
    else bytes.set(from.subarray(start, end), at)
  }

  #ascii(value: string): boolean {
    const size = value.length
    if (size >= SHORT_CHARS) return false
    const from = this.reserve(size + 1)
    const { bytes } = this
    bytes[from] = size
    for (let i = 0; i < size; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) {
        this.length = from
        return false
      }
      bytes[from + 1 + i] = unit
    }
    return true
  }
}
