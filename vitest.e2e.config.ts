import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The real client. One file at a time: each drives several processes, and times matter to what they show. */
export default mergeConfig(
  { ...base, test: { ...base.test, projects: undefined } },
  defineConfig({
    test: { include: ['test/e2e/**/*.test.ts'], fileParallelism: false },
  }),
)
