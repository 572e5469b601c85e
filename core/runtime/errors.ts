/** An expected failure: a stable code, and a message that names what to fix. A bug is any other Error. */
export class RevwallError extends Error {
  readonly code: string
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'RevwallError'
    this.code = code
  }
}

/** The code of an expected failure, or undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof RevwallError) return error.code
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

/** The message of whatever was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
