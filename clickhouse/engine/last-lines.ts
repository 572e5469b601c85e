import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const MAX_TAIL_BYTES = 16_384

/** The last lines of a text file, read from its end; empty where there is no such file. */
export function lastLines(path: string, count: number): string {
  return tail(path).split('\n').slice(-count).join('\n')
}

function tail(path: string): string {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    // This only decorates an error message; the file may not have been made yet.
    return ''
  }
  try {
    const { size } = fstatSync(file)
    const bytes = Buffer.alloc(Math.min(size, MAX_TAIL_BYTES))
    readSync(file, bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString('utf8').trimEnd()
  } finally {
    closeSync(file)
  }
}
