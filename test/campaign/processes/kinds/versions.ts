/** Two versions of the program on one house: the newer one comes and stays, the older one is refused from then on. */
import { NOTHING_LASTS, type ProcessFault } from '../process-fault.ts'
import { ROLES } from '../roles.ts'

const REFUSED_MS = 60_000

export const VERSION_FAULTS: readonly ProcessFault[] = [
  {
    name: 'a newer version comes beside the older one',
    fits: ({ newerRoot, roles }) => newerRoot !== undefined && roles.root === undefined,
    strike: async ({ roles, newerRoot }) => {
      roles.root = newerRoot
      await roles.end('process 1', 'SIGTERM')
      roles.start('process 1')
      return async () => {
        for (const name of ROLES) {
          if (name === 'process 1') continue
          await roles.end(name, 'SIGTERM')
          roles.start(name)
        }
      }
    },
  },
  {
    name: 'an older version comes beside the newer one',
    fits: ({ newerRoot, roles }) => newerRoot !== undefined && roles.root === newerRoot,
    strike: async ({ house }) => {
      const { code, stdout, stderr } = await house.run(['process'], REFUSED_MS)
      const said = stdout + stderr
      if (code === 0 || said.includes(': running')) throw new Error(`an older processor was let in: ${said}`)
      return NOTHING_LASTS
    },
  },
]
