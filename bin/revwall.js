#!/usr/bin/env node
// The one way in for an installed `revwall`: it starts node again with the same loader that `npm start`, the
// tests and the workers use, so that TypeScript and worker files are loaded alike everywhere.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const entry = fileURLToPath(new URL('../revwall.ts', import.meta.url))
const child = spawn(
  process.execPath,
  ['--import', import.meta.resolve('tsx'), entry, ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
)
// The terminal sends Ctrl-C to both; a signal sent to this process alone is handed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
})
