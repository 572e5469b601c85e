/**
 * As many child processes as there are cores, each busy with one task at a time. They run one file that is bundled before:
 * what loads and wraps TypeScript as it runs takes a quarter of a seed.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { SeedAnswer, SeedTask } from './seed-tasks.ts'

const CHILD = fileURLToPath(new URL('./seed-child.ts', import.meta.url))
/** Beside the packages, which it finds there. */
const BUNDLES = fileURLToPath(new URL('../../../node_modules/.campaign', import.meta.url))
/** A seed's code is wide and each piece of it runs seldom: it is compiled at once, and collected in larger portions. */
const FLAGS = ['--always-sparkplug', '--max-semi-space-size=64']

/** Hands out tasks until there is none any more; resolves when the last one is answered. */
export async function runTasks(
  next: () => SeedTask | undefined,
  onAnswer: (answer: SeedAnswer) => void,
): Promise<void> {
  const file = `${BUNDLES}/seed-child-${process.pid}.mjs`
  await bundle(file)
  const children = Array.from({ length: availableParallelism() }, () => fork(file, { execArgv: FLAGS }))
  try {
    await Promise.all(children.map((child) => keepBusy(child, next, onAnswer)))
  } finally {
    for (const child of children) child.kill()
    rmSync(file, { force: true })
  }
}

async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: [CHILD],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  })
}

async function keepBusy(
  child: ChildProcess,
  next: () => SeedTask | undefined,
  onAnswer: (answer: SeedAnswer) => void,
): Promise<void> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a child of the campaign ended with ${code}`)
  })
  // It ends when it is told to, too.
  ended.catch(() => {})
  for (let task = next(); task !== undefined; task = next()) {
    const answered = once(child, 'message')
    child.send(task)
    const [answer] = await Promise.race([answered, ended])
    onAnswer(answer as SeedAnswer)
  }
}
