import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/**
 * Where the date is meant, because people or other programs read it or have written it. A wait, a deadline or an age that
 * this program measures itself goes by `performance.now()`: the date may be changed at any moment.
 */
const MEANT: Readonly<Record<string, { times: number; because: string }>> = {
  'hub/index.ts': { times: 1, because: 'when the hub was started, for people' },
  'session/client-status.ts': { times: 1, because: 'the age of what the client has written with its date' },
  'session/doorbell/memory.ts': { times: 2, because: 'what is kept in a file for days' },
  'store/machine-clock.ts': { times: 1, because: 'what draws the store’s clock' },
  'store/sqlite/log-generation.ts': { times: 1, because: 'the name of a file that is laid aside' },
  'transports/cli/render/look.ts': { times: 1, because: '“3 min ago” of times that others gave' },
}

test('nothing goes by the date but what is meant for people and other programs', () => {
  const source = fileURLToPath(new URL('../../src', import.meta.url))
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
  const found = files.flatMap(name => {
    const times = readFileSync(`${source}/${name}`, 'utf8').match(/\bDate\.now\b|\bnew Date\(\)/g)?.length ?? 0
    return times === 0 ? [] : [[name.replaceAll('\\', '/'), times] as const]
  })
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(Object.entries(MEANT).map(([name, { times }]) => [name, times])),
  )
})
