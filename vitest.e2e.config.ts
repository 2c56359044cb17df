import { availableParallelism } from 'node:os'
import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The real client. Each test waits for it most of its time: one file more than there are cores leaves neither idle. */
export default mergeConfig(
  { ...base, test: { ...base.test, projects: undefined } },
  defineConfig({
    test: { include: ['test/e2e/**/*.test.ts'], maxWorkers: availableParallelism() + 1 },
  }),
)
