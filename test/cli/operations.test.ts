import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ERRORS } from '../../src/bus/errors.ts'
import { type CatalogEntry, catalog, type JsonSchema } from '../../src/operations/catalog.ts'
import { PROGRAM } from '../program.ts'
import { leavesOf, program } from './support/commands.ts'
import { helpOf } from './support/help.ts'
import { openShell, type Shell } from './support/shell.ts'

const entries = catalog.filter(entry => entry.toolset !== 'hooks')
const commandOf = (entry: CatalogEntry) => entry.name.replaceAll('_', '-')

/** What examples may honestly run into: an id, a version or a token that this bus does not have. */
const EXPECTED_REFUSALS = new Set(['not_found', 'stale_version', 'bad_cursor', 'identity_taken', 'claim_held'])

/** The words of each line, as a shell reads them. */
function wordsOf(lines: readonly string[]): string[][] {
  const script = lines.map(line => `printf '%s\\0' ${line}; printf '\\n'`).join('\n')
  const printed = execFileSync('bash', ['-c', script], { encoding: 'utf8' })
  return printed
    .trimEnd()
    .split('\n')
    .map(line => line.split('\0').slice(0, -1))
}

/** The example with `--json`, added only where it is not there. */
function lineOf(example: string): string {
  const line = / --json\b/.test(example) ? example : `${example} --json`
  return line.replace('--wait-seconds 60', '--wait-seconds 1')
}

describe('an operation of the catalog', () => {
  let shell: Shell
  let credential: string

  beforeAll(async () => {
    shell = await openShell()
    execFileSync('git', ['init', '--quiet', shell.folder])
    await shell.json(['register', 'backend', '--role', 'dev'])
    await shell.json(['register', 'ui', '--role', 'frontend'])
    credential = (await shell.json<{ credential: string }>(['register', 'tester'])).credential
    for (const step of ['one', 'two', 'three']) await shell.json(['set-state', 'plan', step])
  })
  afterAll(() => shell.close())

  const examples = entries
    // Leaving comes last: who has left can do nothing more.
    .toSorted((a, b) => Number(a.name === 'unregister') - Number(b.name === 'unregister'))
    .flatMap(entry => (entry.command.examples ?? []).map(example => ({ entry, example })))
    // The others run in this process, which shows the same but for the program's first lines.
    .map((each, n) => ({ ...each, line: lineOf(each.example), as: n % 4 === 0 ? 'a command' : 'a call' }))
  const words = wordsOf(examples.map(({ line }) => line))

  it.each(examples)('does what its example says, as $as: $example', async ({ entry, line, as }) => {
    const env = entry.scope === 'admin' ? {} : { SWITCHBOARD_TOKEN: credential }
    const { code, stdout, stderr } =
      as === 'a command'
        ? await shell.line(`switchboard ${line}`, { env })
        : await shell.here(words[examples.findIndex(each => each.line === line)]!, { env })
    if (code === 0) {
      expect(missingFields(JSON.parse(stdout), entry.outputSchema)).toEqual([])
      expect(stderr).toBe('')
    } else {
      const { error } = JSON.parse(stderr)
      expect([...EXPECTED_REFUSALS], stderr).toContain(error.code)
      expect(code).toBe(ERRORS[error.code as keyof typeof ERRORS].exit)
      expect(stdout).toBe('')
    }
  })

  it.each(['publish', 'say', 'state set', 'token create'])('shows its help: %s', async words => {
    const { code, stdout } = await shell.run([...words.split(' '), '--help'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: await helpOf(words, `node ${PROGRAM}`) })
  })
})

const isKnown = (word: string) =>
  catalog.some(({ name, inputSchema }) => name === word || Object.hasOwn(inputSchema.properties ?? {}, word))

describe('the command of an operation', () => {
  it.each(entries.map(entry => ({ name: commandOf(entry), entry })))('$name has help', async ({ name, entry }) => {
    const help = await helpOf(name)
    expect(help).toContain(`Usage: switchboard ${name}`)
    for (const line of help.split('\nExamples:')[0]!.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    for (const example of entry.command.examples ?? []) expect(help).toContain(`switchboard ${example}`)
    const bare = entry.command.positionals ?? []
    const required = new Set(entry.inputSchema.required ?? [])
    const terms = bare.map(each => [each.replaceAll('_', '-'), required.has(each.replace('...', ''))] as const)
    const usage = ['[options]', ...terms.map(([term, isRequired]) => (isRequired ? `<${term}>` : `[${term}]`))]
    expect(help.split('\n')[0]?.endsWith(` ${usage.join(' ')}`)).toBe(true)
    for (const [field, { type }] of Object.entries(entry.inputSchema.properties ?? {})) {
      if (!bare.includes(field) && type !== 'object') expect(help).toContain(`--${field.replaceAll('_', '-')}`)
    }
  })

  it('describes each argument and option, and names none that it does not take', async () => {
    for (const { words, command } of leavesOf(program)) {
      const shown = [...command.registeredArguments, ...command.options.filter(({ hidden }) => !hidden)]
      for (const { description } of shown) expect(description, words.join(' ')).toMatch(/\S/)
      const names = [command, ...shown].flatMap(each => {
        const text = typeof each.description === 'function' ? each.description() : each.description
        return (text.match(/[a-z_]+/g) ?? []).filter(word => word.includes('_') && isKnown(word))
      })
      expect(names, words.join(' ')).toEqual([])
    }
  })

  const aliases = entries.flatMap(entry => (entry.command.aliases ?? []).map(alias => ({ alias, entry })))

  it.each(aliases)('answers to $alias too', async ({ alias, entry }) => {
    const options = (help: string) => help.slice(help.indexOf('\n\n'))
    expect(options(await helpOf(alias))).toBe(options(await helpOf(commandOf(entry))))
  })

  it.each(['token', 'state'])('has examples in the help of its group too: %s', async group => {
    const examples = (await helpOf(group)).split('Examples:')[1]?.trim().split('\n') ?? []
    const words = entries.flatMap(entry => entry.command.aliases ?? []).filter(alias => alias.startsWith(`${group} `))
    for (const alias of words)
      expect(examples.map(example => example.trim())).toContainEqual(expect.stringMatching(`^switchboard ${alias}\\b`))
  })

  it('stands in the list of commands', async () => {
    const help = await helpOf('')
    for (const entry of entries) expect(help).toContain(`  ${commandOf(entry)}`)
    expect(help).toContain('Exit codes:')
  })
})

/** Required fields that an output lacks; enough to see that it is the operation's output and whole. */
function missingFields(output: unknown, schema: JsonSchema): string[] {
  const fields = output as Record<string, unknown>
  return (schema.required ?? []).filter(name => fields[name] === undefined)
}
