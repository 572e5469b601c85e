/** For clickhouse/engine/start-engine.test.ts: a program that starts an engine, prints its pid and waits to be killed. */
import { startTestEngine } from './with-engine.ts'

const { engine } = await startTestEngine({ folder: process.argv[2]! })
process.stdout.write(`${engine.pid}\n`)
