import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

/*
 * `src/home` looks who owns a place before it is used. This is the list of who else opens files or sockets, and why it
 * is not a private place; a new one must go through `src/home`, or stand here with its reason.
 */

const SRC = fileURLToPath(new URL('../../src', import.meta.url))

const OPENING = {
  'node:fs': /^(open|read|write|append|copy|cp|createReadStream|createWriteStream)(?!dir|link)/,
  'node:fs/promises': /^(open|read|write|append|copyFile|cp)(?!dir|link)/,
  'node:net': /^(connect|createConnection|Socket|Server)$/,
} as const

const ALLOWED: Record<string, string> = {
  'hub/lock.ts openSync': 'makes the lock in a folder that was looked at, and the lock with it',
  'store/sqlite/log-frames.ts readFileSync': 'the log of the store, in the folder that was looked at',
  'store/sqlite/log-generation.ts copyFileSync': 'lays a log aside in the store’s own folder',
  'store/sqlite/log-generation.ts openSync': 'the log of the store, in the folder that was looked at',
  'store/sqlite/log-generation.ts readSync': 'of the same',
  'store/sqlite/open-file.ts openSync': 'the hub has looked at the store’s files before',
  'store/sqlite/opened-files.ts openSync': 'the store’s file, beside SQLite’s own handle',
  'store/sqlite/room.ts openSync': 'a probe beside the store, in the folder that was looked at',
  'store/sqlite/room.ts writeSync': 'of the same',
  'transports/cli/commands/setup/claude-plugin.ts readFileSync': 'the client’s own settings',
  'transports/cli/commands/setup/plugin-copy.ts cp':
    'of this program, into a new folder of the home that was looked at',
  'transports/cli/commands/setup/plugin-copy.ts readFile': 'this program, and its copy',
  'transports/cli/commands/setup/plugin-copy.ts writeFile': 'into the new folder',
  'transports/cli/commands/setup/kept.ts readFileSync': 'the client’s own files',
  'transports/cli/io.ts readFile': 'what the user names as @file',
  'session/client-status.ts readFileSync': 'the client’s own file, which only corrects what hooks have told',
  'session/transcript.ts open': 'the client’s own file',
  'session/client-arguments.ts readFile': 'the command line of the client, from the kernel',
}

interface Source {
  readonly file: string
  readonly text: string
}

const sources: Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts') && !file.startsWith('home/'))
  .map(file => ({ file, text: readFileSync(join(SRC, file), 'utf8') }))

function opens({ file, text }: Source): string[] {
  const imports = [...text.matchAll(/^import (type )?\{([^}]*)\} from '(node:[\w/]+)'$/gm)]
  return imports.flatMap(([, isType, names = '', module = '']) => {
    const opening = OPENING[module as keyof typeof OPENING]
    if (isType || opening === undefined) return []
    const values = names.split(',').map(name => name.trim())
    return values.filter(name => opening.test(name)).map(name => `${file} ${name}`)
  })
}

it('nobody but src/home opens a file or a socket, unless it is known why', () => {
  expect(sources.length).toBeGreaterThan(200)
  expect(sources.flatMap(opens).toSorted()).toEqual(Object.keys(ALLOWED).toSorted())
  // Whole modules, or built-ins that are got at run time, would pass by the names.
  const whole = sources.filter(({ text }) => /import (\w+|\* as \w+) from 'node:(fs|fs\/promises|net)'/.test(text))
  expect(whole.map(({ file }) => file)).toEqual([])
  const builtIns = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/(?:getBuiltinModule|require|import)\((.*?)\)/g)]
      .filter(([, what = '']) => /node:(fs|net|child)/.test(what))
      .map(([all]) => `${file} ${all}`),
  )
  expect(builtIns).toEqual([])
})

it('nobody but src/home gives Node the path of a socket', () => {
  const paths = sources.filter(({ text }) => /\bsocketPath:|\blisten\(\s*(path|\{[^}]*\bpath\b)/.test(text))
  expect(paths.map(({ file }) => file)).toEqual([])
  // Only the loopback server of the hub listens by itself.
  const listeners = sources.filter(({ text }) => /\.listen\(/.test(text))
  expect(listeners.map(({ file }) => file)).toEqual(['hub/servers.ts'])
})
