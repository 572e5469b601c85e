/** Reads the types of Kafka's protocol from a buffer. Offsets are exact as numbers below 2^53. */
export class WireReader {
  at: number
  readonly bytes: Buffer

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  get left(): number {
    return this.bytes.length - this.at
  }

  int8(): number {
    return this.bytes.readInt8(this.at++)
  }

  int16(): number {
    this.at += 2
    return this.bytes.readInt16BE(this.at - 2)
  }

  int32(): number {
    this.at += 4
    return this.bytes.readInt32BE(this.at - 4)
  }

  int64(): number {
    this.at += 8
    return this.bytes.readInt32BE(this.at - 8) * 2 ** 32 + this.bytes.readUInt32BE(this.at - 4)
  }

  /** Zigzag; exact to 2^53, as timestamps and deltas are. */
  varint(): number {
    const value = this.uvarint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  uvarint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new RangeError('the bytes end inside a number')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
  }

  /** The same memory, not a copy. */
  take(length: number): Buffer {
    if (length > this.left) throw new RangeError('the bytes end inside a field')
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  string(): string {
    const length = this.int16()
    return length < 0 ? '' : this.take(length).toString('utf8')
  }

  /** Of the flexible versions: the length plus one, 0 for null. */
  compactString(): string {
    const length = this.uvarint() - 1
    return length < 0 ? '' : this.take(length).toString('utf8')
  }

  compactArray<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.uvarint() - 1) }, read)
  }

  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint()
      this.take(this.uvarint())
    }
  }
}
