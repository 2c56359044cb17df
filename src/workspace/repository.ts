import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defined } from '../bus/defined.ts'
import { normaliseRemote } from '../bus/repo.ts'
import { isCaseIgnored, realPath, topAround } from './disk.ts'
import { type GitAnswer, git } from './git.ts'

/** What programs tell the hub of the repository around a folder. */
export interface Repository {
  /** The same for all worktrees and clones of one repository. */
  readonly repo: string
  /** The top folder of this worktree, absolute; a bare repository has none. */
  readonly worktree?: string
  /** Where git keeps the repository: one folder for all its worktrees on this machine. */
  readonly gitdir: string
  /** The disk takes `README` and `readme` for one name. */
  readonly ignoresCase: boolean
}

/** `none`: the folder is in no repository. `unknown`: git gave no answer, now or ever before. */
export type Found = Repository | 'none' | 'unknown'

/** What was found and in which state the settings were that it was made from: its own, and those of what it is a clone of. */
interface Known {
  readonly found: Repository
  readonly sources: readonly Source[]
}

interface Source {
  readonly gitdir: string
  readonly mark: string
}

const known = new Map<string, Known>()
const asking = new Map<string, Promise<Known | 'none' | 'unknown'>>()

/**
 * The repository around a folder. Git is asked once, and again when the settings have changed (`git remote add`); that
 * costs a look at one file. Where git gives no answer, what it said before holds. Never rejects.
 */
export async function repositoryAround(folder: string, machine: string): Promise<Found> {
  // Git answers with paths that start from the real folder; one answer does for all folders of a worktree.
  const within = await realPath(folder)
  const real = (await topAround(within)) ?? within
  const asked = asking.get(real) ?? look(real, machine, []).finally(() => asking.delete(real))
  asking.set(real, asked)
  const answer = await asked
  return typeof answer === 'string' ? answer : answer.found
}

/** `clones`: the repositories on the way here, each a clone of the next. */
async function look(folder: string, machine: string, clones: readonly string[]): Promise<Known | 'none' | 'unknown'> {
  const before = known.get(folder)
  if (before !== undefined && (await areUnchanged(before.sources))) return before
  const found = await askGit(folder, machine, clones)
  return found === 'unknown' ? (before ?? 'unknown') : found
}

async function askGit(folder: string, machine: string, clones: readonly string[]): Promise<Known | 'none' | 'unknown'> {
  const [commonDir, top, urls] = await Promise.all([
    git(folder, 'rev-parse', '--git-common-dir'),
    git(folder, 'rev-parse', '--show-toplevel'),
    git(folder, 'config', '--null', '--get-regexp', '^(remote\\..*\\.url|url\\..*\\.insteadof)$'),
  ])
  if (commonDir.kind !== 'text') return forget(folder, commonDir.kind)
  if (top.kind === 'unknown' || urls.kind === 'unknown') return 'unknown'
  const gitdir = resolve(folder, commonDir.text)
  const own = { gitdir, mark: await markOf(gitdir) }
  const named = await nameOf({ folder, gitdir, machine, clones, urls })
  if (named === 'unknown') return 'unknown'
  const worktree = top.kind === 'text' && top.text !== '' ? top.text : undefined
  const ignoresCase = await isCaseIgnored(worktree ?? gitdir)
  const answer = {
    found: defined({ repo: named.repo, worktree, gitdir, ignoresCase }),
    sources: [own, ...named.sources],
  }
  known.set(folder, answer)
  return answer
}

async function areUnchanged(sources: readonly Source[]): Promise<boolean> {
  const marks = await Promise.all(sources.map(({ gitdir }) => markOf(gitdir)))
  return sources.every(({ mark }, i) => mark === marks[i])
}

function forget(folder: string, why: 'none' | 'unknown'): 'none' | 'unknown' {
  if (why === 'none') known.delete(folder)
  return why
}

/** Which state of its settings a repository is in. */
async function markOf(gitdir: string): Promise<string> {
  const found = await stat(join(gitdir, 'config')).catch(() => undefined)
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`
}

interface Named {
  readonly repo: string
  readonly sources: readonly Source[]
}

/** By its remote, `origin` before others. `unknown`: git did not say what its URL stands for. */
async function nameOf(about: {
  folder: string
  gitdir: string
  machine: string
  clones: readonly string[]
  urls: GitAnswer
}): Promise<Named | 'unknown'> {
  const { folder, gitdir, machine, clones } = about
  const alone = (repo: string): Named => ({ repo, sources: [] })
  // Two that are clones of each other are one repository too, whichever is asked about.
  const circle = clones.slice(clones.indexOf(gitdir))
  if (clones.includes(gitdir)) return alone(localName([...circle].sort()[0]!, machine))
  const remotes = about.urls.kind === 'text' ? remotesIn(about.urls.text) : []
  const chosen = remotes.find(({ name }) => name === 'origin') ?? remotes[0]
  if (chosen === undefined) return alone(localName(gitdir, machine))
  const url = await fullUrl(folder, chosen, about.urls)
  if (url === undefined) return 'unknown'
  const remote = normaliseRemote(url)
  if (remote !== undefined) return alone(remote)
  const origin = await cloned(resolve(folder, pathOf(url)), machine, [...clones, gitdir])
  return origin ?? alone(localName(gitdir, machine))
}

/**
 * What git would fetch from: the settings may say that any beginning of a URL stands for another one (`insteadOf`).
 * Undefined where git did not say.
 */
async function fullUrl(folder: string, remote: { name: string; url: string }, settings: GitAnswer) {
  const isShort = settings.kind === 'text' && settings.text.split('\0').some(entry => entry.startsWith('url.'))
  if (!isShort) return remote.url
  const full = await git(folder, 'remote', 'get-url', remote.name)
  if (full.kind === 'unknown') return undefined
  return full.kind === 'text' ? full.text : remote.url
}

/** A clone of a folder on this disk is the same repository as that folder. */
async function cloned(origin: string, machine: string, clones: readonly string[]): Promise<Named | undefined> {
  const isThere = await stat(origin).then(
    found => found.isDirectory(),
    () => false,
  )
  const found = isThere ? await look(await realPath(origin), machine, clones) : 'none'
  return typeof found === 'string' ? undefined : { repo: found.found.repo, sources: found.sources }
}

function pathOf(url: string): string {
  return /^file:\/\/\//i.test(url) && URL.canParse(url) ? fileURLToPath(url) : url
}

/** `remote.<name>.url`, a line end, the URL, NUL; a name may have dots. */
function remotesIn(listed: string): { name: string; url: string }[] {
  return listed.split('\0').flatMap(entry => {
    const [, name, url] = /^remote\.(.*)\.url\n(.*)$/s.exec(entry) ?? []
    return name === undefined || url === undefined ? [] : [{ name, url }]
  })
}

/** Without a remote the folder names it, and a mark keeps two folders of one name apart. */
function localName(gitdir: string, machine: string): string {
  const folder = basename(gitdir) === '.git' ? dirname(gitdir) : gitdir
  const mark = createHash('sha256').update(`${machine}\n${gitdir}`).digest('hex').slice(0, 6)
  return `${basename(folder)
    .replace(/\.git$/, '')
    .replace(/[\s:]+/g, '-')}~${mark}`
}
