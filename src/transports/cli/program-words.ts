import { realpathSync } from 'node:fs'
import { delimiter, join, relative, resolve } from 'node:path'
import { PROGRAM } from './usage.ts'

/**
 * How this program is called from here and from anywhere: by name where the shell finds this very one, by the path that
 * was typed (shells pass it on as `_`), else through Node.
 */
export function programWords({ env, cwd }: { env: NodeJS.ProcessEnv; cwd: string }): {
  here: string
  anywhere: string
} {
  const file = realpathSync(process.argv[1] ?? '')
  const isOnPath = (env.PATH ?? '').split(delimiter).some(folder => leadsTo(join(folder, PROGRAM), file))
  if (isOnPath) return { here: PROGRAM, anywhere: PROGRAM }
  const { _: typed = '' } = env
  if (typed !== '' && leadsTo(resolve(cwd, typed), file)) {
    return { here: quoted(typed), anywhere: quoted(resolve(cwd, typed)) }
  }
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
