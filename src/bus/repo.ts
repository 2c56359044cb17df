/**
 * A repository's name on the bus. All worktrees and clones of one repository share it: it comes from the remote where
 * there is one, else from the folder and a mark that keeps two local folders of the same name apart.
 */

/** `git@host:owner/name.git`, `https://user@host/owner/name` … → `host/owner/name`; undefined where it is no such URL. */
export function normaliseRemote(url: string): string | undefined {
  const trimmed = url.trim()
  const match =
    /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+)$/i.exec(trimmed) ??
    /^(?:[^@/\s]+@)?([^/:\s]+):(?!\/\/)(.+)$/.exec(trimmed)
  const [, host, path] = match ?? []
  if (host === undefined || path === undefined) return undefined
  const name = path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '')
  return name === '' ? undefined : `${host.toLowerCase()}/${name}`
}

/** Whether what a person wrote (`api`, `acme/api`) means this repo (`github.com/acme/api`, `api~3f2a1c`). */
export function repoMatches(repo: string, written: string): boolean {
  if (repo === written || repo.endsWith(`/${written}`)) return true
  const mark = repo.indexOf('~')
  return mark > 0 && repo.slice(0, mark) === written
}

/** The last part, for people. */
export function repoLabel(repo: string): string {
  const name = repo.slice(repo.lastIndexOf('/') + 1)
  const mark = name.indexOf('~')
  return mark > 0 ? name.slice(0, mark) : name
}

/** What a person may write for each of these repos: its label, where no other has the same, and its whole name. */
export function repoForms(repos: readonly string[]): Map<string, string> {
  const forms = new Map<string, string>()
  for (const repo of repos) {
    const label = repoLabel(repo)
    if (!repos.some(other => other !== repo && repoMatches(other, label))) forms.set(label, repo)
    forms.set(repo, repo)
  }
  return forms
}
