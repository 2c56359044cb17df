import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Said } from '../../src/bus/say.ts'
import { widthOf } from '../../src/bus/width.ts'
import { catalog } from '../../src/operations/catalog.ts'
import { humanText } from '../../src/transports/cli/render/index.ts'
import type { Look } from '../../src/transports/cli/render/look.ts'
import { inRows } from '../../src/transports/cli/render/rows.ts'
import { asPrinted } from '../../src/transports/cli/render/spoken.ts'
import { table } from '../../src/transports/cli/render/table.ts'
import { HOSTILE } from '../bus/hostile.ts'
import { NOW, OUTPUTS } from './support/outputs.ts'
import { openShell, type Shell } from './support/shell.ts'

const WIDTHS = [120, 80, 40]
const lookAt = (columns?: number): Look => ({ columns, now: NOW, paint: (_, text) => Said.trusted(String(text)) })
const nameOf = (id: string) => (id === 'ses_1' ? 'backend' : undefined)

describe.each(WIDTHS)('at %i columns', columns => {
  it('each operation’s output fits', async () => {
    let shown = ''
    for (const [name, output] of Object.entries(OUTPUTS)) {
      const look = lookAt(columns)
      const { text } = asPrinted(await humanText(name, output, look, nameOf), 'switchboard', look)
      for (const line of text.split('\n')) expect(widthOf(line), `${name}: ${line}`).toBeLessThanOrEqual(columns)
      // Its fence is closed by another nonce each time; people are shown letters without one.
      shown += `## ${name}\n${text}\n\n`
    }
    await expect(shown).toMatchFileSnapshot(`snapshots/outputs-${columns}.txt`)
  })

  it('text of others goes on further in than what is ours, and no word of it is lost', () => {
    for (const text of [...HOSTILE, 'word '.repeat(60), 'x'.repeat(300), `a${' '.repeat(200)}b`, '漢字 '.repeat(80)]) {
      const said = Said.trusted(text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' '))
      const rows = inRows(said, { columns }).text.split('\n')
      for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(columns)
      for (const row of rows.slice(1)) expect(row).toMatch(/^ {6}(?! )|^ {6}$/)
      const bare = (written: string) => written.replaceAll(/\s/g, '')
      expect(bare(rows.join(''))).toBe(bare(said.text))
    }
  })
})

it('every operation has an output here', () => {
  const names = catalog.filter(({ toolset }) => toolset !== 'hooks').map(({ name }) => name)
  expect(Object.keys(OUTPUTS).toSorted()).toEqual(names.toSorted())
})

it('breaks between words where it can', () => {
  const rows = inRows(Said.trusted('the quick brown fox jumps over the lazy dog'), { columns: 24 }).text.split('\n')
  expect(rows).toEqual(['the quick brown fox', '      jumps over the', '      lazy dog'])
})

describe('a table that is too wide', () => {
  const rows = [
    { name: 'backend', role: 'dev', about: 'a'.repeat(30) },
    { name: 'front', role: 'reviewer', about: 'b' },
  ]
  const columns = [
    { title: 'NAME', value: (row: (typeof rows)[0]) => row.name },
    { title: 'ROLE', value: (row: (typeof rows)[0]) => row.role, leavesAt: 2 },
    { title: 'ABOUT', value: (row: (typeof rows)[0]) => row.about, isElastic: true, leavesAt: 1 },
  ]
  const at = (width?: number) => table(rows, columns, lookAt(width)).text.split('\n')

  it('is shortened first, then loses columns and says which, then goes on further in', () => {
    expect(at()).toEqual(['NAME     ROLE      ABOUT', `backend  dev       ${'a'.repeat(30)}`, 'front    reviewer  b'])
    expect(at(40)[1]).toBe(`backend  dev       ${'a'.repeat(20)}…`)
    expect(at(20)).toEqual(['NAME     ROLE', 'backend  dev', 'front    reviewer', 'No room for ABOUT.'])
    expect(at(12)).toEqual(['NAME', 'backend', 'front', 'No room for ROLE, ABOUT.'])
    expect(at(6)).toEqual(['NAME', 'backen', ' d', 'front', 'No room for ROLE, ABOUT.'])
  })
})

describe('commands of the program', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
    await shell.json(['register', 'backend', '--role', 'dev'])
  })
  afterAll(() => shell.close())

  it.each(
    WIDTHS.flatMap(columns =>
      ['status', 'doctor', 'sessions', 'events', '--help', 'publish --help', 'nonsense', 'prune'].map(words => ({
        words,
        columns,
      })),
    ),
  )('$words fits $columns columns', async ({ words, columns }) => {
    const { stdout, stderr } = await shell.here(words.split(' '), { columns })
    for (const line of `${stdout}${stderr}`.split('\n')) expect(widthOf(line), line).toBeLessThanOrEqual(columns)
  })
})

it('counts one of a thing as one', async () => {
  const { events, sessions } = { events: 2, sessions: 0 }
  const text = async (name: string, output: object) => (await humanText(name, output, lookAt())).text
  expect(await text('prune', OUTPUTS.prune)).toBe('1 event and 1 session forgotten; 0 kept because unread.')
  expect(await text('prune', { ...OUTPUTS.prune, events, sessions })).toMatch(/^2 events and 0 sessions forgotten/)
  expect(await text('unregister', OUTPUTS.unregister)).toBe('backend left; 1 claim released.')
  expect(await text('revoke_token', OUTPUTS.revoke_token)).toBe('Token ci is revoked; 1 session ended.')
})

it('says until when a claim lasts by the reader’s clock, and how long that is', async () => {
  expect((await humanText('claim', OUTPUTS.claim, lookAt())).text).toBe(
    'Claimed src/api/** in github.com/acme/api for 30 min, until 12:00:00; token 7.',
  )
})
