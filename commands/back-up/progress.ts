const EVERY_MS = 2_000
const MB = 2 ** 20

/**
 * Prints how far something is, every two seconds at most and not at its beginning. With `total` it is told the bytes that
 * are there, without it those that were added.
 */
export function progressLine(
  what: string,
  total: number | undefined,
  print: (line: string) => void,
): (bytes: number) => void {
  let saidAtMs = performance.now()
  let sum = 0
  return (bytes) => {
    sum = total === undefined ? sum + bytes : bytes
    if (performance.now() - saidAtMs < EVERY_MS) return
    saidAtMs = performance.now()
    const share =
      total === undefined || total === 0 ? '' : ` (${Math.min(99, Math.floor((100 * sum) / total))} %)`
    print(`${what}: ${Math.floor(sum / MB)} MB${share} …`)
  }
}

export const megabytes = (bytes: number) => `${(bytes / MB).toFixed(1)} MB`
