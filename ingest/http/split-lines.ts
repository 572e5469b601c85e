/** Lines of a stream of bytes, without their end. A line above the limit is dropped and told, so that it takes no memory. */
const NEWLINE = 0x0a

export type Line = { bytes: Buffer } | { tooLong: true }

export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<Line, void> {
  let pieces: Buffer[] = []
  let bytes = 0
  const add = (piece: Buffer) => {
    bytes += piece.length
    if (bytes <= maxLineBytes) pieces.push(piece)
    else pieces = []
  }
  const take = (): Line => {
    const line = bytes > maxLineBytes ? { tooLong: true as const } : { bytes: Buffer.concat(pieces, bytes) }
    pieces = []
    bytes = 0
    return line
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end))
      yield take()
      from = end + 1
    }
    add(chunk.subarray(from))
  }
  if (bytes > 0) yield take()
}
