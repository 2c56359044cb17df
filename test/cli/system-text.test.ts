import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShell, type Shell } from './support/shell.ts'

/** Node makes one sign, U+FFFD, of all bytes that are no UTF-8: two arguments, variables or folders become one. */
describe('bytes that are no UTF-8', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
    await shell.json(['set-state', 'k', '1'])
  })
  afterAll(() => shell.close())

  it.each([
    ["set-state $'k\\xff' 1", 'argument'],
    ["set-state k $'\\xff'", 'argument'],
    ["set-state k --value=$'\\xc3('", 'argument'],
    ["get-state $'k\\xff' --json", 'argument'],
    ["claim $'a\\xff'", 'argument'],
    ["publish $'caf\\xe9' --to operator", 'argument'],
    ["publish hi --to $'caf\\xe9'", 'argument'],
    ["register $'caf\\xe9'", 'argument'],
    ["watch --types $'caf\\xe9'", 'argument'],
    ["$'caf\\xe9'", 'argument'],
    ["whoami --$'caf\\xe9'", 'argument'],
    ["complete -- get-state $'caf\\xe9'", 'argument'],
    ["help $'caf\\xe9'", 'argument'],
  ])('as an %s are refused: nothing is done with another text', async (line, what) => {
    const { code, stdout, stderr } = await shell.line(`switchboard ${line}`)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`expected each ${what} in UTF-8`)
  })

  it.each([
    ["SWITCHBOARD_HOME=$PWD/$'h\\xff'", 'SWITCHBOARD_HOME'],
    ["SWITCHBOARD_HOME= XDG_DATA_HOME=$PWD/$'h\\xff'", 'XDG_DATA_HOME'],
    ["SWITCHBOARD_HOME= HOME=$PWD/$'h\\xff'", 'HOME'],
  ])('in a variable are refused: %s', async (variable, name) => {
    const { code, stderr } = await shell.line(`export ${variable}; switchboard status`)
    expect(code).toBe(2)
    expect(stderr).toContain(`expected ${name} in UTF-8`)
  })

  it.skipIf(process.platform === 'darwin')(
    'in the folder’s name keep no two files apart, so none is claimed',
    async () => {
      const { code, stderr } = await shell.line("mkdir $'f\\xff' && cd $'f\\xff' && switchboard claim x.ts")
      expect(stderr).toContain('expected a path in UTF-8')
      expect(code).toBe(2)
    },
  )

  it('come through stdin neither, while the sign itself does', async () => {
    expect(await shell.line("printf 'k\\xff' | switchboard set-state k -")).toMatchObject({ code: 2 })
    expect(await shell.line("printf '\\xef\\xbf\\xbd' | switchboard set-state k - --json")).toMatchObject({ code: 0 })
    expect(await shell.json(['get-state', 'k'])).toMatchObject({ value: '\ufffd' })
    expect(await shell.json(['set-state', 'k', '"\\ufffd!"'])).toMatchObject({ version: 3 })
    expect(await shell.json(['get-state', 'k'])).toMatchObject({ value: '\ufffd!' })
  })
})
