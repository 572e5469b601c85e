import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      '{bin,core,ingest,processors,clickhouse,api,commands,deploy,test}/**/*.test.ts',
      'ui/src/**/*.test.ts',
    ],
    pool: 'forks',
    // Two cores: more files at once would only make the timing of the real servers worse.
    maxWorkers: 2,
    execArgv: ['--import', 'tsx'],
    // For what never comes. How fast something has to be is said by the test that asks it of itself.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
