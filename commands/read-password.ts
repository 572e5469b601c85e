/** A new password: typed twice where a person sits, else the first line of the standard input. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { MAX_PASSWORD_CHARS } from '../core/contracts/access.ts'
import { RevwallError } from '../core/runtime/errors.ts'

const MIN_PASSWORD_CHARS = 10
const MAX_LINE_CHARS = 4_096

export type AskPassword = () => Promise<string>

/** Throws `BAD_PASSWORD`. */
export async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return checked(await firstLine())
  const password = checked(await askHidden('Password: '))
  if ((await askHidden('Once more: ')) !== password)
    throw new RevwallError('BAD_PASSWORD', 'The two are not the same.')
  return password
}

/** What somebody else gave out: asked for once, and not judged. */
export async function readToken(question: string): Promise<string> {
  return (process.stdin.isTTY ? await askHidden(question) : await firstLine()).trim()
}

function checked(password: string): string {
  if (password.length >= MIN_PASSWORD_CHARS && password.length <= MAX_PASSWORD_CHARS) return password
  throw new RevwallError(
    'BAD_PASSWORD',
    `A password has ${MIN_PASSWORD_CHARS} to ${MAX_PASSWORD_CHARS} characters; give it by the terminal or the standard input.`,
  )
}

async function firstLine(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin) {
    text += String(chunk)
    if (text.includes('\n') || text.length > MAX_LINE_CHARS) break
  }
  return text.split(/\r?\n/, 1)[0] ?? ''
}

/** What is typed is not shown. */
function askHidden(question: string): Promise<string> {
  process.stderr.write(question)
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: mute, terminal: true })
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => {
      lines.close()
      reject(new RevwallError('STOPPED', 'Nothing was changed.'))
    })
    lines.question('', (answer) => {
      lines.close()
      process.stderr.write('\n')
      resolve(answer)
    })
  })
}
