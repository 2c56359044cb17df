import { realpathSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'
import type { Io } from './io.ts'
import { PROGRAM } from './usage.ts'

/** How this program is called from here: by name where the shell finds this very one, else through Node. */
export function programWords({ env, cwd }: Io): { here: string; anywhere: string } {
  const file = realpathSync(process.argv[1] ?? '')
  const isOnPath = (env.PATH ?? '').split(delimiter).some(folder => leadsTo(join(folder, PROGRAM), file))
  if (isOnPath) return { here: PROGRAM, anywhere: PROGRAM }
  const near = relative(cwd, file)
  return {
    here: `node ${quoted(near.startsWith('..') ? file : near)}`,
    anywhere: `${quoted(process.execPath)} ${quoted(file)}`,
  }
}

function leadsTo(path: string, file: string): boolean {
  try {
    return realpathSync(path) === file
  } catch {
    return false
  }
}

export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
