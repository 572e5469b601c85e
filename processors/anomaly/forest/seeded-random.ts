/**
 * Random numbers that are the same on every machine: sfc32 (Chris Doty-Humphrey, PractRand), 32-bit integer steps
 * only. A stream is named by a seed and a number, so that tree 7 is the same whoever grows it, in whatever order.
 * Not for secrets.
 */
export interface Random {
  /** Uniform in (0, 1): a multiple of 2^-32 moved by half a step, so never an end. */
  next(): number
  /** A uniform integer in [0, below). `below` is at most 2^32; the bias is under below / 2^32. */
  below(below: number): number
}

const WARM_UP = 12

/** The stream of that number; any two numbers up to 2^53 may be given. */
export function seededRandom(seed: number, stream = 0): Random {
  let a = mix(seed >>> 0)
  let b = mix(Math.floor(seed / 2 ** 32) ^ 0x9e3779b9)
  let c = mix(stream ^ 0x85ebca6b)
  let counter = 1
  const step = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  // The generator forgets how alike two seeds were within a dozen steps.
  for (let n = 0; n < WARM_UP; n++) step()
  return {
    next: () => (step() + 0.5) / 2 ** 32,
    below: (below) => Math.floor((step() / 2 ** 32) * below),
  }
}

/** The finisher of MurmurHash3: every bit of the number moves every other. */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
