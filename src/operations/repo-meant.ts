import { nearest } from '../bus/names.ts'
import { repoForms, repoMatches } from '../bus/repo.ts'

/** What a person means by a repository's name, or by a part of it. */
export type RepoMeant =
  | { readonly repo: string }
  /** Several that it could be, or none; then the nearest, in the form that looks most like what was written. */
  | { readonly couldBe: readonly string[]; readonly near: readonly string[] }

export function repoMeant(written: string, known: readonly string[]): RepoMeant {
  const matching = known.includes(written) ? [written] : known.filter(repo => repoMatches(repo, written))
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
