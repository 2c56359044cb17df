import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROGRAM } from '../program.ts'
import { untilPasses } from '../until.ts'
import { openShell, type Shell } from './support/shell.ts'

const ESC = '\u001b'

/** `script` gives a command a terminal of its own. */
const hasScript = (() => {
  try {
    return /util-linux/.test(execFileSync('script', ['--version'], { encoding: 'utf8' }))
  } catch {
    return false
  }
})()

describe.skipIf(!hasScript)('on a terminal', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
    await shell.json(['register', 'front'])
    await shell.json(['publish', `${ESC}[31mred${ESC}[0m ${'long '.repeat(100)}`, '--to', 'front'])
  })
  afterAll(() => shell.close())

  const onTerminal = (words: string) =>
    `script -qec 'stty cols 70 rows 20; exec "${process.execPath}" "${PROGRAM}" ${words}' /dev/null`

  it('lists have colours and fit its width', async () => {
    const { stdout } = await shell.line(onTerminal('events --limit 3'))
    expect(stdout).toContain(`${ESC}[36moperator${ESC}[39m`)
    expect(stdout).not.toContain(`${ESC}[31m`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours.
    const plain = stdout.replace(/\u001b\[\d+m/g, '')
    expect(plain).toContain('…')
    for (const line of plain.split(/\r?\n/)) expect(line.length).toBeLessThanOrEqual(70)
  })

  it('NO_COLOR takes the colours away', async () => {
    const { stdout } = await shell.line(onTerminal('events --limit 3'), { env: { NO_COLOR: '1' } })
    expect(stdout).toContain('operator')
    expect(stdout).not.toContain(ESC)
  })

  it('JSON is laid out for reading and has no colours', async () => {
    const { stdout } = await shell.line(onTerminal('whoami --json'))
    expect(stdout).toContain('{\r\n  "')
    expect(stdout).not.toContain(ESC)
  })

  it('`mcp` says to the person who typed it what it is', async () => {
    const server = shell.beginLine(onTerminal('mcp'))
    await untilPasses(() => expect(server.output()).toContain('this is the MCP server of an agent'))
    server.child.stdin?.write('\u0003')
    await server.ended
  })

  it('`start` follows the timeline until Ctrl-C, and the hub goes on', async () => {
    const following = shell.beginLine(onTerminal('start'))
    await untilPasses(() => expect(following.output()).toContain('The timeline, live'))
    await untilPasses(async () => {
      await shell.json(['publish', 'tick'])
      expect(following.output()).toMatch(/operator.*tick/)
    })
    // The terminal's own Ctrl-C.
    following.child.stdin?.write('\u0003')
    expect((await following.ended).code).toBe(0)
    expect((await shell.run(['status'])).code).toBe(0)
  })
})

describe('without a terminal', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
  })
  afterAll(() => shell.close())

  it('nothing has colours, unless FORCE_COLOR asks for them', async () => {
    await shell.json(['publish', 'hello'])
    expect((await shell.run(['events'])).stdout).not.toContain(ESC)
    expect((await shell.run(['events'], { env: { FORCE_COLOR: '1' } })).stdout).toContain(ESC)
    expect((await shell.run(['nothing'])).stderr).not.toContain(ESC)
  })
})
