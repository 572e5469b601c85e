/** Bytes of the compact form, written one after the other. Grows up to MAX_BYTES; one writer is used again and again. */
const INITIAL_BYTES = 4_096
const encoder = new TextEncoder()
const TWO_7 = 0x80
const TWO_31 = 0x8000_0000

export class CompactWriter {
  bytes = new Uint8Array(INITIAL_BYTES)
  length = 0

  reset(): void {
    this.length = 0
  }

  u8(value: number): void {
    this.#room(1)
    this.bytes[this.length++] = value
  }

  /** A non-negative safe integer. */
  varint(value: number): void {
    this.#room(8)
    const { bytes } = this
    let rest = value
    let at = this.length
    for (; rest >= TWO_31; rest = Math.floor(rest / TWO_7)) bytes[at++] = (rest % TWO_7) | TWO_7
    for (; rest >= TWO_7; rest >>>= 7) bytes[at++] = (rest & 0x7f) | TWO_7
    bytes[at++] = rest
    this.length = at
  }

  /** A safe integer below 2^52 in magnitude. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  text(value: string): void {
    const chars = value.length
    this.#room(chars * 3 + 5)
    if (chars < TWO_7 && this.#ascii(value)) return
    const size = encoder.encodeInto(value, this.bytes.subarray(this.length + 4)).written
    const from = this.length + 4
    this.varint(size)
    this.bytes.copyWithin(this.length, from, from + size)
    this.length += size
  }

  #ascii(value: string): boolean {
    const { bytes, length } = this
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) return false
      bytes[length + 1 + i] = unit
    }
    bytes[length] = value.length
    this.length += value.length + 1
    return true
  }

  #room(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.length + more, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}
