import { LIMITS } from '../bus/limits.ts'
import { nearest } from '../bus/names.ts'
import { repoForms, reposMatching } from '../bus/repo.ts'
import type { StoreReads } from '../bus/store-reads.ts'

/** What a person means by a repository's name, or by a part of it. */
export type RepoMeant =
  | { readonly repo: string }
  /** Several that it could be, or none; then the nearest, in the form that looks most like what was written. */
  | { readonly couldBe: readonly string[]; readonly near: readonly string[] }

export function repoMeant(written: string, known: readonly string[]): RepoMeant {
  const matching = reposMatching(known, written)
  const [repo] = matching
  if (repo !== undefined && matching.length === 1) return { repo }
  return { couldBe: matching, near: nearestRepos(written, known) }
}

/** A repo without a remote has a mark in its name that nobody writes. */
function nearestRepos(written: string, known: readonly string[]): string[] {
  const forms = repoForms(known)
  const near = nearest(written, [...forms.keys()])
  return near.filter((form, i) => near.findIndex(other => forms.get(other) === forms.get(form)) === i)
}

/** The repositories that a reader may name: those of sessions, and those that `list_claims` shows, which may have none. */
export async function shownRepos(store: StoreReads): Promise<string[]> {
  const [ofSessions, claims] = await Promise.all([
    store.known('repo', LIMITS.knownNames),
    store.claims({ limit: LIMITS.pageClaims }),
  ])
  return [...new Set([...ofSessions, ...claims.map(({ area }) => area)])]
}
