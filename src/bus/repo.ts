/**
 * A repository's name on the bus. All worktrees and clones of one repository share it: it comes from the remote where
 * there is one, else from the folder and a mark that keeps two local folders of the same name apart.
 */

/**
 * Hosts of which more is known than their URLs say. On all of them letter case makes no other repository; the other names
 * are the same host on port 443, for networks that let nothing else out.
 */
const KNOWN_HOSTS: Readonly<Record<string, readonly string[]>> = {
  'github.com': ['ssh.github.com', 'www.github.com'],
  'gitlab.com': ['altssh.gitlab.com', 'www.gitlab.com'],
  'bitbucket.org': ['altssh.bitbucket.org', 'www.bitbucket.org'],
  'codeberg.org': [],
  'dev.azure.com': ['ssh.dev.azure.com'],
}
const CANONICAL = new Map(
  Object.entries(KNOWN_HOSTS).flatMap(([host, others]) => [host, ...others].map(name => [name, host])),
)

interface Remote {
  readonly host: string
  readonly path: string
}

/**
 * A URL, or git's short form `user@host:path`, also `[user@host:port]:path`. One letter before a colon is a drive. Everything up to the last `@` of the
 * first part is user and password, whatever signs they have, and a query may hold a token: no part of them is a name.
 */
function parsedRemote(url: string): Remote | undefined {
  const [start = '', scheme = ''] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url) ?? []
  if (start !== '') {
    const slash = url.indexOf('/', start.length)
    const place = url.slice(start.length, slash)
    const urlHost = /^(\[[^\]]+\]|[^:[\]]+)(?::\d*)?$/.exec(place.slice(place.lastIndexOf('@') + 1))?.[1]
    const urlPath = url.slice(slash + 1)
    if (slash === -1 || urlHost === undefined || urlPath === '') return undefined
    return { host: urlHost, path: /^https?$/i.test(scheme) ? urlPath.split(/[?#]/, 1)[0]! : urlPath }
  }
  const [, bracketed = '', after = ''] = /^\[([^[\]/]+)\]:(.+)$/s.exec(url) ?? []
  const isAddress = bracketed.slice(bracketed.lastIndexOf('@') + 1).split(':').length > 2
  if (bracketed !== '' && !isAddress) return parsedRemote(`ssh://${bracketed}/${after}`)
  const [, host, path] = /^(?![^/]*:\/\/)(?:[^/]*@)?(\[[^\]]+\]|[^@/:\s[\]]{2,}):(.+)$/s.exec(url) ?? []
  return host === undefined || path === undefined ? undefined : { host, path }
}

/**
 * `git@host:owner/name.git`, `https://user@host/owner/name`, `ssh://git@ssh.github.com:443/Owner/Name` … →
 * `host/owner/name`; undefined where it is no such URL.
 */
export function normaliseRemote(url: string): string | undefined {
  const remote = parsedRemote(url.trim())
  if (remote === undefined) return undefined
  const written = remote.host.toLowerCase().replace(/\.$/, '')
  const known = CANONICAL.get(written)
  const path = cleanPath(remote.path)
  if (path === '') return undefined
  // Azure's SSH form has `v3/` in front, its HTTPS form `_git/` before the last part.
  const name = known === 'dev.azure.com' ? path.replace(/^v3\//, '').replace('/_git/', '/') : path
  return `${known ?? written}/${known === undefined ? name : name.toLowerCase()}`
}

function cleanPath(written: string): string {
  return (
    decoded(written)
      .replace(/\s+/g, '-')
      .split('/')
      .filter(part => part !== '' && part !== '.')
      .join('/')
      // The folder with the work tree, or the `.git` in it: git takes both.
      .replace(/(?:\/\.git|\.git)$/i, '')
  )
}

/** What is no percent-encoding stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Those of these repos that a person may mean: `api`, `acme/api`, `Acme/API`, `github.com/acme/api.git`, or a remote's URL
 * for `github.com/acme/api`; `api` for `api~3f2a1c`. What is written exactly comes before other spellings, and the same
 * letter case before another, since on some hosts it makes another repository.
 */
export function reposMatching(repos: readonly string[], written: string): string[] {
  const spelled = spellingsOf(written)
  const ways: ((repo: string) => boolean)[] = [
    repo => repo === written,
    repo => spelled.includes(repo),
    repo => spelled.some(each => isPartOf(repo, each)),
    repo => spelled.some(each => isPartOf(repo.toLowerCase(), each.toLowerCase())),
  ]
  for (const isMeant of ways) {
    const found = repos.filter(isMeant)
    if (found.length > 0) return found
  }
  return []
}

/** As it is written, and the names that it is if it was copied from a remote, with or without what stands before the host. */
function spellingsOf(written: string): string[] {
  const names = [normaliseRemote(written), normaliseRemote(`https://${written}`), cleanPath(written)]
  return [written, ...names.filter(name => name !== undefined && name !== '')] as string[]
}

function isPartOf(repo: string, written: string): boolean {
  if (repo === written || repo.endsWith(`/${written}`)) return true
  const mark = repo.indexOf('~')
  return mark > 0 && repo.slice(0, mark) === written
}

/** Whether this name is of a repository without a remote; such a name belongs to one folder on one machine. */
export function isLocalRepo(repo: string): boolean {
  return /~[0-9a-f]{6}$/.test(repo)
}

/** The last part, for people. */
export function repoLabel(repo: string): string {
  const name = repo.slice(repo.lastIndexOf('/') + 1)
  const mark = name.indexOf('~')
  return mark > 0 ? name.slice(0, mark) : name
}

/** What a person may write for each of these repos: its label, where no other has the same, and its whole name. */
export function repoForms(repos: readonly string[]): Map<string, string> {
  const meant = new Map<string, number>()
  for (const name of repos.flatMap(repo => [...shortNamesOf(repo)])) meant.set(name, (meant.get(name) ?? 0) + 1)
  const forms = new Map<string, string>()
  for (const repo of repos) {
    const label = repoLabel(repo)
    const others = (meant.get(label) ?? 0) - (shortNamesOf(repo).has(label) ? 1 : 0)
    if (others === 0) forms.set(label, repo)
    forms.set(repo, repo)
  }
  return forms
}

/** The names without a slash that `isPartOf` takes for this repo. */
function shortNamesOf(repo: string): Set<string> {
  return new Set([repo.slice(repo.lastIndexOf('/') + 1), repo.slice(0, Math.max(0, repo.indexOf('~')))])
}
