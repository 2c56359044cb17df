import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from '@swc/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quoted, Said, say } from '../../src/bus/say.ts'
import { catalog } from '../../src/operations/catalog.ts'
import { spoken } from '../../src/transports/cli/render/spoken.ts'
import { HOSTILE } from '../bus/hostile.ts'
import { leavesOf, program } from './support/commands.ts'
import { runInProcess } from './support/in-process.ts'
import { openShell, type Shell } from './support/shell.ts'

const SOURCE = join(import.meta.dirname, '../../src')

interface Text {
  readonly file: string
  /** With `…` for each value. */
  readonly text: string
}

/** What describes an operation to models is no hint: `publish --help` says it in the words of a shell all the same. */
const DESCRIBING = new Set(['description', 'title', 'examples', 'mark'])

/** All sentences that are written in a file. */
function textsIn(file: string): Text[] {
  const found: Text[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { type } = node as { type?: string }
    if (type === 'KeyValueProperty' && DESCRIBING.has(nameIn((node as Property).key))) return
    if (type === 'CallExpression' && nameIn((node as Called).callee.property) === 'describe') return
    if (type === 'StringLiteral') found.push({ file, text: (node as { value: string }).value })
    // A type may be one, too.
    if (type === 'TemplateLiteral' && 'expressions' in node) {
      const { quasis, expressions } = node as unknown as Template
      found.push({ file, text: quasis.map(({ cooked }) => cooked).join('…') })
      for (const each of expressions) visit(each)
      return
    }
    for (const each of Object.values(node)) visit(each)
  }
  visit(parseSync(readFileSync(join(SOURCE, file), 'utf8'), { syntax: 'typescript', target: 'es2022' }))
  return found.filter(({ text }) => /\S\s+\S|`/.test(text))
}

interface Template {
  readonly quasis: readonly { readonly cooked: string }[]
  readonly expressions: readonly unknown[]
}
interface Property {
  readonly key: Named
}
interface Called {
  readonly callee: { readonly property?: Named }
}
type Named = { readonly value?: unknown }
const nameIn = (node: Named | undefined) => String(node?.value ?? '')

/** SQL, the guide for models, and what is not said in errors. */
const NO_HINTS = /^(?:store\/sqlite|scripts|.*\.d\.ts|transports\/http\/openapi\.ts|transports\/mcp\/instructions\.ts)/
const TEXTS = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => file.endsWith('.ts') && !NO_HINTS.test(file))
  .flatMap(textsIn)

const typable = catalog.filter(({ toolset }) => toolset !== 'hooks')
const OPERATIONS = new Set(typable.map(({ name }) => name))
const FIELDS = new Set(typable.flatMap(({ inputSchema }) => Object.keys(inputSchema.properties ?? {})))
const namedIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

describe('a text names what can be typed in a way that each door can translate', () => {
  it('no name is an operation and a field', () => {
    expect([...OPERATIONS].filter(name => FIELDS.has(name))).toEqual([])
  })

  it('operations and fields stand in backticks', () => {
    const bare = TEXTS.flatMap(({ file, text }) =>
      (text.replaceAll(/`[^`]*`/g, '').match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [])
        .filter(word => OPERATIONS.has(word) || FIELDS.has(word))
        .map(word => `${file}: ${word} in ${JSON.stringify(text)}`),
    )
    expect(bare).toEqual([])
  })

  it('what others wrote stands in none: only words of ours are taken for names', () => {
    const OURS = [
      // Ids and counts that the bus has made.
      'bus: switchboard readmit …',
      'operations: switchboard readmit …',
      'operations: switchboard continue …',
      'transports: switchboard continue …',
      // `say` quotes it.
      'transports: switchboard events --thread …',
      // Ids and examples of ours.
      'transports: … …',
      'transports: … completion bash',
      // The program, and arguments of ours.
      'transports: … stop',
      'transports: … setup claude',
      'transports: … setup claude --remove',
      'transports: … setup claude --check',
      'transports: … setup claude --scope …',
      'transports: … setup claude --claude /path/to/claude',
      'transports: … mcp',
      'transports: claude …',
      // The plain entry, which this program has put together.
      'transports: …',
      'transports: claude mcp add … -- … mcp',
    ]
    const values = TEXTS.filter(
      ({ file }) => file !== 'bus/say.ts' && file !== 'transports/cli/render/spoken.ts',
    ).flatMap(({ file, text }) =>
      namedIn(text)
        .filter(name => name.includes('…'))
        .map(name => `${file.split('/')[0]}: ${name}`),
    )
    expect(values.filter(each => !OURS.includes(each))).toEqual([])
  })

  it('quotation marks and backticks are closed where they are opened', () => {
    const open = TEXTS.filter(({ file }) => /^(?:bus|operations|client|home|hub|session)\//.test(file)).filter(
      ({ text }) => /\s/.test(text) && (text.split('`').length % 2 === 0 || text.split('"').length % 2 === 0),
    )
    expect(open).toEqual([])
  })
})

describe('at a shell', () => {
  const names = [...new Set(TEXTS.flatMap(({ text }) => namedIn(text)))].filter(
    name => OPERATIONS.has(name) || FIELDS.has(name),
  )

  it('the names of the sources are known', () => {
    expect(names).toEqual(expect.arrayContaining(['list_sessions', 'reply_to', 'older_than_days', 'client_id']))
  })

  it.each(names.filter(name => OPERATIONS.has(name)))('%s is a command that there is', async name => {
    const command = /^`switchboard (.+)`$/.exec(spoken(say`${Said.trusted(`\`${name}\``)}`, 'switchboard').text)?.[1]
    const { code, stdout } = await runInProcess([...command!.split(' '), '--help'], { env: {}, cwd: '/' })
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(`^Usage: switchboard .*\\b${command!.split(' ').at(-1)}\\b`),
    })
    expect(command).not.toContain('_')
  })

  it.each(names.filter(name => FIELDS.has(name)))('%s is an option of each command that takes it', name => {
    const option = /^`(--.+)`$/.exec(spoken(Said.trusted(`\`${name}\``), 'switchboard').text)![1]!
    const taking = typable.filter(({ inputSchema }) => Object.hasOwn(inputSchema.properties ?? {}, name))
    expect(taking).not.toEqual([])
    for (const entry of taking) {
      const { command } = leavesOf(program).find(({ words }) => words[0] === entry.name.replaceAll('_', '-'))!
      expect(command.options.map(({ long }) => long)).toContain(option)
    }
  })

  it.each(HOSTILE)('what others wrote stays as it is: %j', text => {
    for (const written of [
      text,
      `${text} \`list_sessions\``,
      '`reply_to`',
      'a `switchboard stop` b',
      'list_sessions',
    ]) {
      const said = say`there is none called ${written}, nor ${quoted(written)}: ${[written, written]}`
      expect(spoken(said, '/opt/bin/switchboard').text).toBe(said.text)
    }
  })

  it('a command begins as it was typed', () => {
    expect(spoken(say('See `switchboard token list`, or `switchboard`, or `claude`.'), './swb').text).toBe(
      'See `./swb token list`, or `./swb`, or `claude`.',
    )
  })
})

describe('a hint at a shell', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
    await shell.json(['events'])
  })
  afterAll(() => shell.close())

  it.each([
    ['prune', 'expected `--older-than-days`, `--keep-newest` or `--forget-ended-days`, got none'],
    ['publish x --to nobody', 'Try `switchboard sessions`.'],
    ['publish x --reply-to 99', '`--reply-to`: there is no event 99'],
    ['publish x --reply-to 99', 'Ids stand in `switchboard inbox` and `switchboard events`.'],
    ['sessions --scope repo', 'or use `--scope` all.'],
    ['heartbeat --waiting-for x', 'Say `--activity` waiting too, or leave `--waiting-for` out.'],
    ['get-state nothing', 'See `switchboard state list`.'],
    [
      'release /nowhere/x.ts',
      'See `switchboard claims`. For one in another place than here, name that place as `--repo`.',
    ],
    ['events --channel repo:', '`--channel`: expected a value'],
    ['publish x --to repo:', '`--to`: expected a value'],
  ])('names what %s takes: %s', async (words, said) => {
    const { stderr } = await shell.here(words.split(' '))
    expect(stderr).toContain(said)
    const { error } = JSON.parse((await shell.here([...words.split(' '), '--json'])).stderr)
    expect(`${error.message}\n${error.next}`).toContain(said)
  })
})

describe('what is printed names commands as they are typed here', () => {
  const typed = 'node ../dist/main.js'
  const commandsOf = leavesOf(program).flatMap(({ words, command }) =>
    [command.name(), ...command.aliases()].map(name => [...words.slice(0, -1), name].join(' ')),
  )
  /** Where a text calls a command by another name than what was typed. */
  const otherwise = (text: string) =>
    [...text.matchAll(/\bswitchboard ([a-z-]+(?: [a-z-]+)?)/g)]
      .map(([, called = '']) => called)
      .filter(called => commandsOf.some(each => called === each || called.startsWith(`${each} `)))
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
  })
  afterAll(() => shell.close())

  it.each(['', 'token', 'state', ...commandsOf])('in the help of "%s"', async words => {
    const argv = [...words.split(' ').filter(Boolean), '--help']
    const { stdout } = await runInProcess(argv, { env: {}, cwd: '/', program: typed })
    expect(stdout).toContain(`Usage: ${typed} `)
    expect(otherwise(stdout)).toEqual([])
  })

  it.each(commandsOf)('where "%s" misses what it needs', async words => {
    if (/^(?:hub|mcp|monitor|rewake|watch|wait|start|stop|doctor|setup)$/.test(words)) return
    const { stdout, stderr } = await shell.here(words.split(' '), { program: typed })
    expect(otherwise(stdout + stderr)).toEqual([])
  })

  it('on both streams, with what is held, unread, long or left', async () => {
    const one = async (words: string[], said: string) => {
      const { stdout, stderr } = await shell.here(words, { program: typed })
      expect(stdout + stderr).toContain(said)
      expect(otherwise(stdout + stderr)).toEqual([])
    }
    const { credential } = await shell.json<{ credential: string }>(['register', 'peer'])
    const env = { SWITCHBOARD_TOKEN: credential }
    const letter = await shell.json<{ event_id: number }>(['publish', 'hi', '--to', 'operator'], { env })
    await one(['sessions'], `\`${typed} inbox\``)
    await one(['status'], `\`${typed} inbox\``)
    await one(['show'], `For example: \`${typed} show 42\`. \`${typed} events\` lists`)
    await one(['publish'], `For example: \`${typed} publish "rebased onto main" --to backend\``)
    await one(['completion', 'none'], `\`${typed} completion bash\``)
    for (let i = 0; i < 60; i++) await shell.json(['publish', `${i}`, '--thread', 'long'])
    const { events } = await shell.json<{ events: { id: number }[] }>(['events', '--limit', '1'])
    await one(['show', String(events[0]!.id)], `There are more: \`${typed} events --thread long\``)
    expect(letter.event_id).toBeGreaterThan(0)
  })

  it('but what others wrote stays', async () => {
    const written = 'run `switchboard stop` now'
    await shell.json(['publish', written, '--title', written])
    for (const words of [['events'], ['events', '--json'], ['inbox', '--peek']]) {
      const { stdout } = await shell.here(words, { program: typed })
      if (words[0] === 'events') expect(stdout).toContain(written)
      expect(stdout).not.toContain(`${typed} stop`)
    }
  })
})

describe('a log that has more ends with the option that goes on', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
    for (const text of ['a', 'b', 'c', 'd']) await shell.json(['publish', text])
  })
  afterAll(() => shell.close())

  it.each([
    [['--limit', '1']],
    [['--limit', '2']],
    [['--limit', '1', '--order', 'asc']],
    [['--limit', '1', '--after', '0']],
    [['--limit', '2', '--order', 'desc', '--after', '0']],
  ])('%j', async options => {
    const texts: string[] = []
    let more: string[] | undefined = []
    while (more !== undefined) {
      const given = options.includes('--after') && more[0] === '--after' ? options.slice(0, 2) : options
      const { stdout } = await shell.here(['events', ...given, ...more])
      const shown = [...stdout.matchAll(/ {2}([a-d])$/gm)].map(([, text = '']) => text)
      texts.push(...shown)
      more = /^There are more: `(--\w+ \d+)` goes on\.$/m.exec(stdout)?.[1]?.split(' ')
    }
    const expected = ['a', 'b', 'c', 'd']
    const isOldestFirst = options.includes('asc') || (options.includes('--after') && !options.includes('desc'))
    expect(texts).toEqual(isOldestFirst ? expected : expected.toReversed())
  })
})
