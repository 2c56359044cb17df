import { LIMITS } from './limits.ts'

/** One version of a shared entry. Versions of a key start at 1 and go on growing through a deletion. */
export interface StateEntry {
  readonly key: string
  readonly value: unknown
  readonly version: number
  /** Id of the session, operator or token that wrote it. */
  readonly by: string
  readonly byName: string
  readonly at: number
  readonly note?: string
  readonly deleted?: boolean
}

/** What a list shows of an entry. */
export type StateAbout = Omit<StateEntry, 'value'>

export type Appended =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly found: string }
  /** It would be larger than a value may be. */
  | { readonly ok: false; readonly chars: number }

/**
 * What `append` makes of a value: a list grows by one item, text grows by one line, and where nothing is yet a list
 * begins (text begins as text). Anything else cannot be appended to, and nothing grows past the limit of a value.
 */
export function appended(present: unknown, addition: unknown): Appended {
  const grown = withAddition(present, addition)
  if (!grown.ok) return grown
  const chars = JSON.stringify(grown.value ?? null).length
  return chars > LIMITS.valueChars ? { ok: false, chars } : grown
}

function withAddition(present: unknown, addition: unknown): Exclude<Appended, { chars: number }> {
  if (present === undefined) return { ok: true, value: typeof addition === 'string' ? addition : [addition] }
  if (Array.isArray(present)) return { ok: true, value: [...present, addition] }
  if (typeof present === 'string' && typeof addition === 'string') {
    return { ok: true, value: `${present}\n${addition}` }
  }
  const found = present === null ? 'null' : typeof present
  return { ok: false, found }
}
