import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ERRORS } from '../../src/bus/errors.ts'
import { EXIT_CODES } from '../../src/transports/cli/exit-codes.ts'
import { PROGRAM } from '../program.ts'
import { helpOf } from './support/help.ts'
import { runInProcess } from './support/in-process.ts'
import { openShell, type Shell } from './support/shell.ts'

describe('a command that cannot be done', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
  })
  afterAll(() => shell.close())

  it.each(['2000000', '86400.5', '0.5015', '1999999.9999'])('takes --timeout %s', async typed => {
    expect(await shell.here(['whoami', '--timeout', typed])).toMatchObject({ code: 0, stderr: '' })
  })

  it.skipIf(!existsSync('/dev/full')).each(['sessions', 'sessions --json', 'whoami', '--help', '--version', '-v'])(
    'says in one line that %s cannot be printed',
    async words => {
      const { code, stderr } = await shell.line(`switchboard ${words} > /dev/full`)
      expect(stderr).toMatch(/^error: expected to print all of the answer, got .*ENOSPC.*\n$/)
      expect(code).toBe(1)
    },
  )

  it.each(['--version', '--help', 'sessions'])('is silent where nobody reads any more what %s prints', async words => {
    expect(await shell.line(`exec 3> >(exec true); wait $!; switchboard ${words} >&3`)).toMatchObject({
      code: 0,
      stderr: '',
    })
  })

  it.each([
    ['a pipe that nobody reads any more', 'exec 3> >(exec true); wait $!; switchboard pubish 2>&3'],
    ['a file descriptor that is closed', 'switchboard pubish 2>&-'],
    ...(existsSync('/dev/full') ? [['a disk that is full', 'switchboard pubish 2>/dev/full']] : []),
  ])('has its exit code where its stderr is %s', async (_, line) => {
    expect(await shell.line(line)).toMatchObject({ code: 2, stdout: '' })
  })

  it('says that a value is stored as text once it is, and nothing of one that was refused', async () => {
    const told = 'so it is stored as text'
    const refused = [
      ['set-state', 'noted', '{bad', '--expected-version', '7'],
      ['publish', 'x', '--to', 'nobodyatall', '--data', '{bad'],
      ['set-state', '\u200bk', '{bad', '--note', 'x'.repeat(3_000)],
    ]
    for (const words of refused) {
      const { code, stderr } = await shell.here(words)
      expect(code, words.join(' ')).not.toBe(0)
      expect(stderr).not.toContain(told)
    }
    for (const words of [
      ['set-state', 'noted', '{bad'],
      ['publish', 'x', '--data', '{bad'],
    ]) {
      expect(await shell.here(words)).toMatchObject({ code: 0, stderr: expect.stringContaining(told) })
    }
  })

  it('says what stdin is that cannot be read', async () => {
    const { code, stderr } = await shell.line('switchboard publish - 0>/dev/null')
    expect(stderr).toMatch(/^error: expected text on stdin, got EBADF.*\nnext: Pipe the text in/)
    expect(code).toBe(2)
  })

  it('says in one line which part of the program is missing', async () => {
    const line = 'cp "$PROGRAM" main.mjs; mkdir -p chunks; "$NODE" main.mjs whoami'
    const { code, stderr } = await shell.line(line)
    expect(stderr).toMatch(/^switchboard: Cannot find module .*\n$/)
    expect(code).toBe(1)
  })

  it.each([
    [['pubish', 'hi', '--to', 'x'], 'error: expected a command, got "pubish"', 'Did you mean publish?'],
    [['token', 'make', 'ci'], 'error: token: expected one of create, list, narrow, revoke, got "make"', 'token --help'],
    [['state'], 'error: state: expected one of set, get, list, delete, got none', 'state --help'],
    [['--loud'], 'error: expected a command, got the unknown option --loud', '--help'],
    [['version'], 'error: expected a command, got "version"', 'Did you mean --version? See'],
    [['-V'], 'error: expected a command, got the unknown option -V', 'Did you mean -v? See'],
    [['--versoin'], 'error: expected a command, got the unknown option --versoin', 'Did you mean --version? See'],
    [['help', 'nonsense'], 'error: expected a command, got "nonsense"', 'switchboard --help'],
    [['help', 'sesions'], 'error: expected a command, got "sesions"', 'Did you mean sessions'],
    [['sesions', '--help'], 'error: expected a command, got "sesions"', 'Did you mean sessions'],
    [['--timeout', '1', 'sesions', '-h'], 'error: expected a command, got "sesions"', 'Did you mean sessions'],
    [
      ['help', 'token', 'make'],
      'error: token: expected one of create, list, narrow, revoke, got "make"',
      'token --help',
    ],
    [
      ['state', 'sett', '--help'],
      'error: state: expected one of set, get, list, delete, got "sett"',
      'Did you mean set',
    ],
    [['moniter'], 'error: expected a command, got "moniter"', 'switchboard --help'],
    [['inbox', '--peak'], "error: inbox: unknown option '--peak'", 'Did you mean --peek?'],
    [['inbox', '--limit'], "error: inbox: option '--limit <n>' argument missing", 'inbox --help'],
    [['inbox', '--limit', 'many'], 'error: --limit: expected a whole number from 1 to 200, got "many"', ''],
    [['publish'], 'error: publish: expected <text>, got none', 'switchboard publish "rebased onto main" --to backend'],
    [['publish', 'two', 'words'], 'error: publish: too many arguments', 'Quote a text of several words.'],
    [['events', 'rebased'], 'error: get-events: too many arguments', 'It takes options only.'],
    [['publish', 'x', '--level', 'hot'], '--level: expected one of lifecycle, info, actionable, got "hot"', ''],
    [['whoami', '--timeout', 'soon'], '--timeout: expected a number of seconds above 0, got "soon"', ''],
    [['status', '--timeout', '1e9'], '--timeout: expected at most 2000000 seconds, got "1e9"', ''],
    [['status', '--timeout', 'Infinity'], '--timeout: expected at most 2000000 seconds, got "Infinity"', ''],
    [['watch', '--last', 'all'], '--last: expected a whole number from 0 to 500, got "all"', ''],
    [['watch', '--min-level', 'hot'], '--min-level: expected one of lifecycle, info, actionable, got "hot"', ''],
    [['completion', 'csh'], 'completion: expected one of bash, zsh, fish, powershell, got csh', 'completion bash'],
    [['whoami', '--url', 'ftp://x'], 'expected unix:/path, http://host:port or https://host, got "ftp://x"', ''],
  ])('says what was expected, what came, what to do next: %j', async (args, message, next) => {
    const { code, stdout, stderr } = await shell.here(args)
    expect(stderr).toContain(message)
    expect(stderr).toContain(next)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    const json = await shell.here([...args, '--json'])
    expect(json.code).toBe(2)
    // `--limit --json` leaves nothing for --limit either way.
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'invalid_input', message: expect.any(String) } })
  })

  const refusals = [
    { name: 'bad input that only the hub can judge', args: ['publish', 'x', '--to', 'a b:c'], code: 4 },
    { name: 'nobody of that name', args: ['publish', 'x', '--to', 'nobody'], code: 4 },
    { name: 'no such key', args: ['get-state', 'nothing'], code: 4 },
    { name: 'a prune without a measure', args: ['prune'], code: 2 },
    { name: 'a key that must be new and is not', args: ['set-state', 'k', '1', '--expected-version', '0'], code: 3 },
    { name: 'a void credential', args: ['whoami'], code: 5, env: { SWITCHBOARD_TOKEN: 'swb_token_void' } },
    { name: 'no hub at that address', args: ['whoami', '--url', 'http://127.0.0.1:1', '--timeout', '1'], code: 6 },
    { name: 'mail that does not come', args: ['wait', '--timeout', '0.1'], code: 7 },
  ]

  it.each(refusals)('has an exit code for $name: $code', async ({ args, code, env }) => {
    await shell.here(['set-state', 'k', '1'])
    const ran = await shell.here([...args, '--json'], { env: env ?? {} })
    const { error } = JSON.parse(ran.stderr)
    expect(ran.code, ran.stderr).toBe(code)
    expect(ERRORS[error.code as keyof typeof ERRORS].exit).toBe(code)
    const human = await shell.here(args, { env: env ?? {} })
    expect(human.stderr).toContain(`error: ${error.message.split('"')[0].slice(0, 20)}`)
    if (error.next !== undefined) expect(human.stderr).toContain('next: ')
  })

  it.each([
    ['an address that is none', ['sessions', '--url', 'foo'], '(--url or SWITCHBOARD_URL)'],
    [
      'an address without a hub',
      ['sessions', '--url', 'unix:/nowhere', '--timeout', '0.1'],
      '(--url or SWITCHBOARD_URL)',
    ],
    ['a text that was left out', ['publish', '--to', 'all'], '(- in its place reads stdin)'],
    ['a client that is not there', ['setup', 'claude', '--claude', '/nowhere/claude'], 'Install it'],
  ])('says what to do next about %s', async (_, args, next) => {
    const { stderr } = await shell.here(args)
    expect(stderr).toContain(next)
    expect(stderr).not.toContain('got ENOENT')
  })

  it.each(['token narrow', 'narrow-token', 'state get', 'get-state'])(
    'names the command as it was typed: %s',
    async words => {
      const { stderr } = await shell.here(words.split(' '))
      expect(stderr).toContain(`error: ${words}: expected <`)
    },
  )

  it('is refused to a token without the scope', async () => {
    const { token } = await shell.json<{ token: string }>(['token', 'create', 'reader', '--scopes', 'read'])
    const { code, stderr } = await shell.here(['publish', 'x'], { env: { SWITCHBOARD_TOKEN: token } })
    expect(code).toBe(5)
    expect(stderr).toContain('needs the scope publish')
  })

  it('leaves no control character of the bus in its message', async () => {
    const { stderr } = await shell.here(['get-state', '\u001b[31mkey\u0007'])
    expect(stderr).toContain('there is no state "key"')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/)
  })
})

it('fits its help into 80 columns', async () => {
  for (const line of (await helpOf('')).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
})

it('documents every exit code that the registry has', () => {
  const known = Object.keys(EXIT_CODES).map(Number)
  for (const { exit } of Object.values(ERRORS)) expect(known).toContain(exit)
})

describe('the program', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
  })
  afterAll(() => shell.close())

  it('says its version, before and after other options', async () => {
    const { stdout } = await shell.run(['--version'])
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
    expect((await shell.run(['-v'])).stdout).toBe(stdout)
    expect((await shell.run(['--json', '--version'])).stdout).toBe(stdout)
  })

  it('shows its help without a command, and a command’s by `help` or `--help`', async () => {
    expect((await shell.run([])).stdout).toContain(`Usage: node ${PROGRAM} `)
    const [one, other] = await Promise.all([shell.run(['help', 'publish']), shell.run(['publish', '-h'])])
    expect(one.stdout).toContain(`Usage: node ${PROGRAM} publish`)
    expect(one).toEqual(other)
  })

  it('takes global options before the command too', async () => {
    const { code, stderr } = await shell.run(['--json', '--timeout', '1', '--url', 'http://127.0.0.1:1', 'whoami'])
    expect(code).toBe(6)
    expect(JSON.parse(stderr).error.code).toBe('hub_unavailable')
  })

  it('tells an old Node what it needs, in one line', async () => {
    const old = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.18.1' })`
    const ran = shell.line(`"$NODE" --import "${old}" "${PROGRAM}" whoami`)
    expect(await ran).toEqual({
      code: 1,
      stdout: '',
      stderr: 'switchboard: expected Node 20.19 or newer, got 20.18.1; install a newer one.\n',
    })
  })
})

it.each([
  [['help']],
  [['help', 'help']],
  [['help', '--json']],
  [['--help']],
  [['token', '--help']],
  [['help', 'publish']],
])('shows the help that there is: %j', async argv => {
  const { code, stdout, stderr } = await runInProcess(argv, { env: {}, cwd: '/' })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^Usage: switchboard /)
})
