import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { DEFAULT_PORT, loadConfig } from '../../src/home/config.ts'

async function load(text: string | undefined, env: NodeJS.ProcessEnv = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'swb-config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'config.toml')
  if (text !== undefined) await writeFile(file, text)
  return await loadConfig(file, env)
}

it('is the defaults where there is no file', async () => {
  expect(await load(undefined)).toEqual({
    hub: { port: DEFAULT_PORT },
    retention: {},
    claims: { onEdit: 'ask', repos: {} },
  })
})

it('takes all that the README shows, and the environment before the file', async () => {
  const text = `
    [hub]
    port = 7420
    [retention]
    max_age_days = 90
    max_events = 1000000
    [claims]
    on_edit = "warn"
    [claims.repos]
    "github.com/acme/api" = "deny"`
  expect(await load(text)).toEqual({
    hub: { port: 7420 },
    retention: { maxAgeDays: 90, maxEvents: 1_000_000 },
    claims: { onEdit: 'warn', repos: { 'github.com/acme/api': 'deny' } },
  })
  expect((await load(text, { SWITCHBOARD_PORT: '0' })).hub.port).toBe(0)
})

it.each([
  // The mark stands in cells of a terminal, of which a wide character takes two.
  ['name = "日本語" = 3', ['line 1, column 14', '  1 | name = "日本語" = 3', /^ {22}\^$/]],
  ['x = = 1', ['line 1, column 5', '  1 | x = = 1', /^ {10}\^$/]],
  ['[hub]\nport = 1\n\tname = "open\n', ['line 3', '  3 |  name = "open', /^ {6} {0,14}\^$/]],
  [
    `[hub]\n${'# pad\r\n'.repeat(10)}port = ${'1'.repeat(60)}x # ${'y'.repeat(200)}`,
    ['line 12, column', '  12 | ', /\^$/],
  ],
  ['a = "\u001b[31m<red\u0007" b', ['line 1, column', '  1 | a = "', /^ +\^$/]],
])('shows the line and the place of what is no TOML: %j', async (text, [place, code, mark]) => {
  const { message, next } = await load(text).then(
    () => expect.fail('it was read'),
    error => error as { message: string; next: string },
  )
  const [first, ...shown] = message.split('\n')
  expect(first).toMatch(/config\.toml, line \d+, column \d+: Invalid TOML document: \S/)
  expect(first).toContain(place)
  expect(shown).toEqual([expect.stringContaining(code as string), expect.stringMatching(mark as RegExp)])
  for (const line of shown) {
    expect(line.length).toBeLessThanOrEqual(80)
    expect(line).not.toMatch(/[<\p{Cc}]/u)
  }
  expect(next).toBe('Mend the file or remove it.')
})

it.each([
  ['[hub]\nprot = 1', '[hub]: expected one of port, got prot', 'Did you mean port?'],
  ['[retentionn]', 'config.toml: expected one of hub, retention, claims, got retentionn', 'Did you mean retention?'],
  ['[claims]\non_git = "ask"', '[claims]: expected one of on_edit, repos, got on_git', 'Did you mean on_edit?'],
  ['colour = "red"', 'expected one of hub, retention, claims, got colour', 'Remove it.'],
])('names a key that it does not know, and the nearest that it does: %j', async (text, message, next) => {
  await expect(load(text)).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining(message),
    next,
  })
})

it.each([
  ['[hub]\nport = 70000', {}, 'expected port to be a whole number from 0 to 65535, got 70000'],
  ['', { SWITCHBOARD_PORT: 'any' }, 'expected SWITCHBOARD_PORT to be a whole number from 0 to 65535, got "any"'],
  ['[retention]\nmax_events = "many"', {}, 'expected max_events to be a number from 0, got "many"'],
  ['hub = 1', {}, 'expected [hub] to be a table, got number'],
])('says what it wanted and what came: %j', async (text, env, message) => {
  await expect(load(text, env)).rejects.toMatchObject({ message: expect.stringContaining(message) })
})
