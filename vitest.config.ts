import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** The build puts these files in as text; so must the tests, which run the sources. */
const textFiles = {
  name: 'text-files',
  enforce: 'pre' as const,
  load(id: string) {
    const file = id.split('?')[0]!
    return /\.(sql|md|bash|zsh|fish|ps1)$/.test(file)
      ? `export default ${JSON.stringify(readFileSync(file, 'utf8'))}`
      : undefined
  },
}

export default defineConfig({
  plugins: [textFiles],
  test: {
    globalSetup: ['test/fresh-program.mjs'],
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**'],
    // Against hangs only: what a test waits for says so before (test/until.ts), also on a machine that is busy otherwise.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // Most tests wait for processes of their own: one worker, the default on two cores, leaves half the machine idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
