import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

/** The lines of which the linter says that they go by time. */
function refused(lines: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'swb-times-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'planted.ts')
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ plugins: [resolve('test/times.grit')] }))
  writeFileSync(file, lines.join('\n'))
  const biome = resolve('node_modules/.bin/biome')
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', file]
  const { stdout } = spawnSync(biome, args, { cwd: folder, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { start: { line: number } } }[]
  }
  return diagnostics
    .filter(({ category }) => category === 'plugin')
    .map(({ location }) => lines[location.start.line - 1]!)
}

test('the linter refuses timers, clocks and short waits in tests', () => {
  const planted = [
    "import { setTimeout as sleep } from 'node:timers/promises'",
    "import { setImmediate as turn, setTimeout } from 'node:timers/promises'",
    "import { scheduler } from 'node:timers/promises'",
    'await new Promise(resolve => setTimeout(resolve, 20))',
    'const startedAt = performance.now()',
    'expect(Date.now() - startedAt).toBeLessThan(1_000)',
    'const [seconds] = process.hrtime()',
    'await vi.waitFor(() => expect(1).toBe(1))',
    "test('slow', { timeout: 60_000 }, () => {})",
    'vi.setConfig({ testTimeout: 90_000 })',
    "test('many', { timeout: 2 * EACH_MS }, () => {})",
  ]
  expect(refused(planted).toSorted()).toEqual(planted.toSorted())
  const good = [
    "import { setImmediate } from 'node:timers/promises'",
    'const yesterday = Date.now() - 86_400_000',
    'const later = Date.now() + 5_000',
    'await vi.advanceTimersByTimeAsync(10)',
    "test('many', { timeout: 0 }, () => {})",
    '// biome-ignore lint/plugin: a reason',
    'const now = performance.now()',
  ]
  expect(refused(good)).toEqual([])
})
