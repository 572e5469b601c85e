#!/usr/bin/env node
// The way in for an installed `revwall`: the loader that `npm start`, the tests and all child processes use, and then
// the command itself, in this very process, so that a signal reaches whoever has to drain.
import { register } from 'tsx/esm/api'

register()
await import('../revwall.ts')
