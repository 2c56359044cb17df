import { type FSWatcher, readFileSync, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { claudeFolder } from '../home/user-folder.ts'

/**
 * What Claude Code says of itself in `~/.claude/sessions/<pid>.json`. Undocumented, so it only ever corrects what hooks
 * have told, and another version may do without it.
 */
export interface ClientStatus {
  readonly state: 'busy' | 'idle' | 'waiting'
  readonly waitingFor?: string
  /** On this process's steady clock (`performance.now`), in milliseconds. */
  readonly since: number
}

export interface StatusFile {
  /** At once: a small file of a local disk, read before a bell rings. */
  read(): ClientStatus | undefined
  /** What the client calls the session, where that was given to it. Undefined where the client says nothing of itself. */
  title(): { readonly given?: string } | undefined
  /** Calls back at each change, until the function that it gives is called. */
  watch(onChange: () => void): () => void
}

export function statusFile(env: NodeJS.ProcessEnv, clientPid: number): StatusFile {
  const folder = claudeFolder(env)
  const path = join(folder, 'sessions', `${clientPid}.json`)
  return {
    read: () => readJson(path, statusIn),
    title: () => readJson(path, titleIn),
    watch(onChange) {
      // The folder, because the file may be replaced as a whole.
      let watcher: FSWatcher | undefined
      try {
        watcher = watch(dirname(path), { persistent: false }, (_, name) => {
          if (name === null || name === basename(path)) onChange()
        })
        watcher.on('error', () => watcher?.close())
      } catch {
        // No such folder: there is nothing to watch.
      }
      return () => watcher?.close()
    },
  }
}

function readJson<T>(path: string, take: (file: Record<string, unknown>) => T): T | undefined {
  try {
    return take(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** Names that the client makes up: of the folder, or of what is talked about. They change, and nobody knows them. */
const MADE_UP: readonly unknown[] = ['derived', 'auto']

function titleIn({ name, nameSource }: Record<string, unknown>): { given?: string } {
  const isGiven = typeof name === 'string' && name !== '' && !MADE_UP.includes(nameSource)
  return isGiven ? { given: name } : {}
}

/** A background task, such as a plugin's monitor, makes an idle client say `shell`. */
const STATES: Readonly<Record<string, ClientStatus['state']>> = {
  idle: 'idle',
  shell: 'idle',
  busy: 'busy',
  waiting: 'waiting',
}

function statusIn(file: { status?: unknown; statusUpdatedAt?: unknown; waitingFor?: unknown }) {
  const state = typeof file.status === 'string' ? STATES[file.status] : undefined
  if (state === undefined) return undefined
  return {
    state,
    since: sinceOf(file.statusUpdatedAt),
    ...(typeof file.waitingFor === 'string' ? { waitingFor: file.waitingFor } : {}),
  }
}

/** The client writes the date. By its age it is compared with what this process has seen, whatever the date is then. */
function sinceOf(updatedAt: unknown): number {
  if (typeof updatedAt !== 'number') return Number.NEGATIVE_INFINITY
  return performance.now() - (Date.now() - updatedAt)
}
