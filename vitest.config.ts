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

/** Tests that put another module in the place of one, or count what all loaded code does: they load their own. */
const APART = ['test/environment/places.test.ts', 'test/home/trusted-path.test.ts', 'test/security/work/**/*.test.ts']
/** What goes on while processes are killed and disks fail: many processes each, and long (`npm run test:faults`). */
const FAULTS = ['test/crash/**/*.test.ts', 'test/soak/**/*.test.ts', 'test/linearizability/hub-*.test.ts']
const E2E = 'test/e2e/**'

export default defineConfig({
  plugins: [textFiles],
  test: {
    globalSetup: ['test/fresh-program.mjs'],
    // Against hangs only: what a test waits for says so before (test/until.ts), also on a machine that is busy otherwise.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    // Most tests wait for processes of their own: as many workers as cores leave a part of the machine idle.
    maxWorkers: availableParallelism() * 2,
    projects: [
      // The files of a worker share what they have loaded: loading it for each took as long as the tests themselves.
      {
        extends: true,
        test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: [...APART, ...FAULTS, E2E], isolate: false },
      },
      { extends: true, test: { name: 'apart', include: APART } },
      { extends: true, test: { name: 'faults', include: FAULTS, isolate: false } },
    ],
  },
})
