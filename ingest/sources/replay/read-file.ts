/** The bytes of the file, unpacked where its name ends in .gz, with clear errors for what people get wrong. */
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { errorCode, errorMessage, RevwallError } from '../../../core/runtime/errors.ts'

/** About 750 lines: small enough that other roles of the process are not kept waiting. */
const CHUNK_BYTES = 65_536

/**
 * Pieces of the unpacked file. `onRaw` sees each piece as it lies on disk. Errors: `REPLAY_FILE_MISSING`,
 * `REPLAY_NOT_GZIP`, `REPLAY_GZIP_BROKEN`, `REPLAY_FILE_UNREADABLE`.
 */
export async function* readFileChunks(file: string, onRaw?: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  const raw = createReadStream(file, { highWaterMark: CHUNK_BYTES })
  let rawBytes = 0
  raw.on('data', (chunk) => {
    rawBytes += chunk.length
    onRaw?.(chunk as Buffer)
  })
  const gunzip = file.endsWith('.gz') ? createGunzip({ chunkSize: CHUNK_BYTES }) : undefined
  if (gunzip) raw.on('error', (error) => gunzip.destroy(error)).pipe(gunzip)
  let unpacked = 0
  try {
    for await (const chunk of gunzip ?? raw) {
      unpacked += (chunk as Buffer).length
      yield chunk as Buffer
      // Pieces that are buffered already come without a turn of the event loop; timers and sockets need theirs.
      await new Promise(setImmediate)
    }
  } catch (error) {
    // Nothing at all is no broken gzip either; whoever reads sees that there was nothing.
    if (rawBytes === 0 && errorCode(error)?.startsWith('Z_')) return
    throw explained(file, error, unpacked)
  } finally {
    // Whoever stops reading early must not leave the file open.
    raw.destroy()
    gunzip?.destroy()
  }
}

function explained(file: string, error: unknown, unpacked: number): unknown {
  if (error instanceof RevwallError) return error
  const code = errorCode(error) ?? ''
  if (code === 'ENOENT')
    return new RevwallError('REPLAY_FILE_MISSING', `there is no file ${file}`, { cause: error })
  if (code === 'Z_DATA_ERROR' && unpacked === 0)
    return new RevwallError('REPLAY_NOT_GZIP', `${file} is named .gz but is not gzip`, { cause: error })
  if (code.startsWith('Z_'))
    return new RevwallError('REPLAY_GZIP_BROKEN', `${file} is damaged: ${errorMessage(error)}`, {
      cause: error,
    })
  if (code.startsWith('E'))
    return new RevwallError('REPLAY_FILE_UNREADABLE', `${file}: ${errorMessage(error)}`, { cause: error })
  return error
}
