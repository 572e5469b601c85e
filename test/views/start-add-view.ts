import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { AddedView } from '../../clickhouse/views/add-view.ts'
import type { World } from '../faults/world.ts'
import type { AddViewPlan } from './add-view-process.ts'
import type { ChangedView } from './changed-views.ts'

const PROGRAM = fileURLToPath(new URL('./add-view-process.ts', import.meta.url))
/** Small, so that a filling has many places to be killed at. */
const CHUNK_ROWS = 400

/** Resolves with what it printed; with 'SIGKILL' when it killed itself. */
export async function addInChild(
  world: World,
  { name, logical, createTable, createView }: ChangedView,
  kill?: AddViewPlan['kill'],
): Promise<AddedView | 'SIGKILL'> {
  const { url, user, password } = world.host.engine
  const plan: AddViewPlan = {
    login: { url, user, password },
    database: world.database,
    run: world.context().run,
    view: { name, logical, createTable, createView },
    chunkRows: CHUNK_ROWS,
    kill,
  }
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code, signal] = await once(child, 'close')
  if (signal === 'SIGKILL') return 'SIGKILL'
  if (code !== 0) throw new Error(`adding ${name} ended with ${code}`)
  return JSON.parse(said) as AddedView
}
