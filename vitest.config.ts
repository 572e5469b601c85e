import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{core,ingest,processors,clickhouse,api,test}/**/*.test.ts', '*.test.ts'],
    pool: 'forks',
    // Two cores: more files at once would only make the timing of the real servers worse.
    maxWorkers: 2,
    execArgv: ['--import', 'tsx'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
