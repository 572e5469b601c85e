#!/usr/bin/env node
// The one way in: the built program where it is of these very sources, else the sources through tsx. In this very process,
// so that a signal reaches whoever has to drain.
import { fileURLToPath, pathToFileURL } from 'node:url'
import { builtProgram } from './built.js'

const program = builtProgram(fileURLToPath(new URL('..', import.meta.url)))
if (program === undefined) (await import('tsx/esm/api')).register()
await import(program === undefined ? '../revwall.ts' : pathToFileURL(program).href)
