/**
 * One quick pass before anything is sent: is the file whole, has it the expected header, what is its hash (a position
 * is worth something only in the same file), and how many lines will the progress bar count.
 */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { RevwallError } from '../../../core/runtime/errors.ts'
import { createCsvParser } from './csv-parser.ts'
import { COLUMNS } from './parse-line.ts'
import { readFileChunks } from './read-file.ts'

export interface FileFacts {
  /** Without its folder. */
  name: string
  /** First 16 hex digits of the SHA-256 of the file as it lies on disk. */
  hash: string
  /** Physical lines without the header; more than the records where quoted text has line breaks. */
  lines: number
}

const NEWLINE = 10
/** Only so much of a file is looked at for the header. */
const MAX_HEADER_CHARS = 4_096

/** Errors: those of readFileChunks, `REPLAY_FILE_EMPTY`, `REPLAY_BAD_HEADER`. */
export async function inspectFile(file: string): Promise<FileFacts> {
  const hash = createHash('sha256')
  let head = ''
  let newlines = 0
  let last = NEWLINE
  for await (const chunk of readFileChunks(file, (raw) => hash.update(raw))) {
    if (head.length < MAX_HEADER_CHARS) head += chunk.toString('latin1', 0, MAX_HEADER_CHARS)
    newlines += countNewlines(chunk)
    last = chunk.at(-1) ?? last
  }
  const lines = newlines + (last === NEWLINE ? 0 : 1) - 1
  if (head.trim() === '') throw new RevwallError('REPLAY_FILE_EMPTY', `${file} is empty`)
  checkHeader(file, head)
  if (lines < 1) throw new RevwallError('REPLAY_FILE_EMPTY', `${file} has a header but no lines`)
  return { name: basename(file), hash: hash.digest('hex').slice(0, 16), lines }
}

function checkHeader(file: string, head: string): void {
  const parser = createCsvParser()
  const first = parser.push(`${head.slice(0, MAX_HEADER_CHARS)}\n`)[0]
  const found = first && 'fields' in first ? first.fields.map((field) => field.trim()) : []
  if (found.join() === COLUMNS.join()) return
  // What was found may be anything, a picture too: it is shown short and without control characters.
  const shown = found
    .join(',')
    .replace(/[^\u0020-\u007e]/g, '?')
    .slice(0, 200)
  throw new RevwallError(
    'REPLAY_BAD_HEADER',
    `${file} must begin with the columns ${COLUMNS.join()}; found: ${shown}`,
  )
}

function countNewlines(chunk: Buffer): number {
  let count = 0
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) count += 1
  return count
}
