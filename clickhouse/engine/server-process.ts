/**
 * The child's main: becomes a ClickHouse server by calling its library, which blocks this thread until the server ends.
 * Arguments: parent's pid, library, config file, and `tcp` where the native protocol is wanted too. Run it with stdio to files; it has no channel back.
 */
import { Worker } from 'node:worker_threads'
import { DataType, isNullPointer, type JsExternal, load, open } from 'ffi-rs'
import { giveWay, PRIORITY } from '../../core/runtime/priority.ts'

const PR_SET_PDEATHSIG = 1
const SIGKILL = 9

const [parentPid, library, configFile, protocol] = process.argv.slice(2)
if (!parentPid || !library || !configFile) throw new Error('usage: server-process PARENT_PID LIBRARY CONFIG')

dieWithParent(Number(parentPid))
giveWay(PRIORITY.orders)
const failure = failureOf(serve(library, configFile))
if (failure !== undefined) process.stderr.write(`${failure}\n`)
process.exit(failure === undefined ? 0 : 1)

/**
 * The kernel is told first and the parent looked for second: a parent that dies in between would otherwise be missed by
 * both. PDEATHSIG watches the parent's *thread*, so the engine must be started from a main thread.
 */
function dieWithParent(parent: number): void {
  if (process.platform === 'linux') askKernel()
  else watchParent(parent)
  if (process.ppid !== parent) process.exit(1)
}

function askKernel(): void {
  open({ library: 'libc', path: '' })
  load({
    library: 'libc',
    funcName: 'prctl',
    retType: DataType.I32,
    paramsType: [DataType.I32, DataType.U64],
    paramsValue: [PR_SET_PDEATHSIG, SIGKILL],
  })
}

// Other systems have no such signal. A worker looks, because this thread will be inside the library.
function watchParent(parent: number): void {
  const look = `setInterval(() => process.ppid === ${parent} || process.kill(process.pid, 'SIGKILL'), 500)`
  new Worker(look, { eval: true })
}

// The sleeping SELECT keeps the local session, and with it the server, alive; killing that query is the clean way out.
function serve(library: string, configFile: string): JsExternal {
  const query =
    // HTTP last: whoever has an answer there finds the other port open.
    `${protocol === 'tcp' ? 'SYSTEM START LISTEN TCP; ' : ''}SYSTEM START LISTEN HTTP; ` +
    'SELECT sleepEachRow(0.1) FROM system.numbers ' +
    'SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0 FORMAT Null'
  const argv = ['clickhouse', '--config-file', configFile, '--query', query]
  open({ library: 'clickhouse', path: library })
  return load({
    library: 'clickhouse',
    funcName: 'chdb_query_cmdline',
    retType: DataType.External,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [argv.length, argv],
  })
}

// What goes wrong before the session begins is not printed by the library, only handed back.
function failureOf(result: JsExternal): string | undefined {
  const ask = { library: 'clickhouse', funcName: 'chdb_result_error', paramsType: [DataType.External] }
  const message = load({ ...ask, retType: DataType.External, paramsValue: [result] })
  if (isNullPointer(message)) return undefined
  const text = load({ ...ask, retType: DataType.String, paramsValue: [result] })
  // A stack trace without symbols follows.
  return text.split(', Stack trace')[0]
}
