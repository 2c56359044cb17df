import { spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import powershell from '../../src/transports/cli/commands/completion/completion.ps1'
import { PROGRAM } from '../program.ts'
import { until } from '../until.ts'
import { openShell, type Shell } from './support/shell.ts'

const isThere = (program: string) => spawnSync('which', [program]).status === 0
/** `script` of util-linux gives a shell a terminal of its own, in which it completes. */
const hasTerminal = isThere('script') && spawnSync('script', ['--version']).stdout?.includes('util-linux') === true

const OUT_OF = 'printf "%s\\0" %ARGS > "$OUT.part"; mv "$OUT.part" "$OUT"'
const SHELLS = [
  {
    name: 'bash',
    start: 'bash --norc --noprofile -i',
    setup: ['eval "$(switchboard completion bash)"', `swb() { ${OUT_OF.replace('%ARGS', '"$@"')}; }`],
    /** Even in double quotes bash looks for `!`, and nothing there keeps it from that. */
    leavesOut: (value: string, quote: string) => quote === '"' && value.includes('!'),
  },
  {
    name: 'zsh',
    start: 'zsh -f -i',
    setup: [
      'autoload -Uz compinit; compinit -u -D',
      'source <(switchboard completion zsh)',
      `swb() { ${OUT_OF.replace('%ARGS', '"$@"')}; }`,
    ],
    leavesOut: () => false,
  },
  {
    name: 'fish',
    start: 'fish --no-config -i',
    setup: ['switchboard completion fish | source', `function swb; ${OUT_OF.replace('%ARGS', '$argv')}; end`],
    leavesOut: () => false,
  },
]

/** What a peer could call a key, each behind a beginning of its own. */
const KEYS = [
  `it's "so": größe 漢字 a:b=c`,
  "ends in 'a quote'",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell would put something in there.
  '`touch PWNED`$(touch${IFS}PWNED)$HOME a\\b;touch PWNED&x|y#z {a,b}[c]*?~%s^x^y',
  'a!!b!',
].map((text, i) => `k${i}-${text}`)

/** Such as no shell can be given: what is inserted would not be what is shown, or would be read as an option. */
const UNSAFE = ['u0-\nline', 'u1-\u001b[2J', 'u2-\u202eright', 'u3-<(touch PWNED)', '-dash']

let shell: Shell
let bin: string
beforeAll(async () => {
  shell = await openShell()
  bin = join(shell.folder, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'switchboard'), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`, {
    mode: 0o755,
  })
  for (const key of [...KEYS, ...UNSAFE]) {
    const input = join(shell.folder, 'input')
    await writeFile(input, '1')
    await shell.json(['set-state', `--key=${key}`, `--value=@${input}`])
  }
  await shell.json(['register', 'backend', '--topics', '~root=$(touch${IFS}PWNED)'])
})
afterAll(() => shell.close())

/** A shell on a terminal, in which somebody types. */
async function openTerminal({ start, setup }: (typeof SHELLS)[number]) {
  const out = join(shell.folder, 'out')
  const env = { PATH: `${bin}:${process.env.PATH}`, OUT: out, TERM: 'xterm', HISTFILE: '' }
  const { child, output } = shell.beginLine(`exec script -qec 'stty cols 200 rows 50; exec ${start}' /dev/null`, {
    env,
  })
  /** Types a line that calls `swb` and gives its arguments. */
  const typed = async (line: string): Promise<string[]> => {
    await rm(out, { force: true })
    child.stdin!.write(`${line}\r`)
    const text = await until(() => readFile(out, 'utf8').catch(() => undefined), {
      what: JSON.stringify(line),
      detail: () => JSON.stringify(output().slice(-500)),
    })
    return text.split('\0').slice(0, -1)
  }
  for (const line of setup) child.stdin!.write(`${line}\r`)
  expect(await typed('swb ready')).toEqual(['ready'])
  return { typed, end: () => child.kill('SIGKILL') }
}

const isPwned = async () => (await stat(join(shell.folder, 'PWNED')).catch(() => undefined)) !== undefined

describe.each(SHELLS)('completed in $name,', ({ name, leavesOut, ...how }) => {
  const canRun = hasTerminal && isThere(name)
  if (!canRun) console.log(`skipped: what is completed in ${name}, because ${hasTerminal ? name : 'script'} is missing`)

  it.skipIf(!canRun)(
    'what is on the bus is inserted as it is, in whatever quote is open, and runs nothing',
    async () => {
      const { typed, end } = await openTerminal({ name, leavesOut, ...how })
      try {
        for (const quote of ['', '"', "'"]) {
          for (const [i, key] of KEYS.entries()) {
            // Left out, nothing is inserted, and the person closes the quote.
            const rest = leavesOut(key, quote) ? quote : ''
            expect([quote, await typed(`swb get-state ${quote}k${i}-\t${rest}`)]).toEqual([
              quote,
              ['get-state', rest === '' ? key : `k${i}-`],
            ])
          }
          expect(await typed(`swb register x --topics ${quote}\t`)).toEqual([
            ...['register', 'x', '--topics'],
            '~root=$(touch${IFS}PWNED)',
          ])
        }
        for (const begun of ['u0', 'u1', 'u2', 'u3', '-d']) {
          expect(await typed(`swb get-state "${begun}\t"`)).toEqual(['get-state', begun])
        }
        expect(await typed('swb publish hi --to=bac\t')).toEqual(['publish', 'hi', '--to=backend'])
        // Thrown away by Ctrl-U. Of the word that the cursor is in, zsh itself runs what it would insert, whatever the command.
        for (const word of ['$(touch PWNED)', '`touch PWNED`', "'$(touch PWNED)'x"]) {
          expect(await typed(`swb publish ${word} --to \t\u0015swb ready`)).toEqual(['ready'])
        }
        expect(await isPwned()).toBe(false)
      } finally {
        end()
      }
    },
  )
})

/** Its rules only: no PowerShell can be installed from the registries that the tests use. */
describe('completed in PowerShell,', () => {
  const [, plain] = /-notmatch '([^']+)'/.exec(powershell) ?? []
  const [, quotes] = /-replace "([^"]+)", '\$0\$0'/.exec(powershell) ?? []
  const inserted = (value: string) =>
    new RegExp(plain!, 'u').test(value) ? value : `'${value.replace(new RegExp(quotes!, 'gu'), '$&$&')}'`

  /** As its tokenizer reads a word: one in single quotes ends at the first of five characters that does not stand twice. */
  const read = (word: string) => {
    const isQuote = (char: string | undefined) => char !== undefined && "'\u2018\u2019\u201a\u201b".includes(char)
    if (!isQuote(word[0])) return /^[\w./:=+-]+$/u.test(word) ? word : undefined
    let text = ''
    let i = 1
    for (; i < word.length; i++) {
      if (isQuote(word[i]) && !isQuote(word[++i])) break
      text += word[i]
    }
    return i === word.length ? text : undefined
  }

  it.each([...KEYS, 'topic:ci', 'a‘b’c‚d‛', "it's ‘so’", '$(ni PWNED)', '`$x"', 'a,b@c'])(
    '%j is read as it is',
    value => {
      expect(read(inserted(value))).toBe(value)
    },
  )

  it('nothing is evaluated', () => {
    expect(powershell).not.toMatch(/Invoke-Expression|\biex\b|ExpandString|\[scriptblock\]/i)
  })
})
