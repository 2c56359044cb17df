import { defined } from '../../bus/defined.ts'
import { LIMITS } from '../../bus/limits.ts'
import type { Share } from '../../bus/share.ts'
import { appended, type StateAbout, type StateEntry } from '../../bus/state.ts'
import type { Commands } from '../../bus/store.ts'
import { Refusal } from './refusal.ts'
import { byText, type Tables, type Version } from './tables.ts'

export function presentState(tables: Tables, key: string): StateEntry | undefined {
  const last = tables.state.get(key)?.at(-1)?.entry
  return last?.deleted ? undefined : last
}

export function putState(tables: Tables, now: number, needs: Commands['putState']['needs']): StateEntry {
  const { key, note, by, byName } = needs
  const current = presentState(tables, key)
  if (needs.expectedVersion !== undefined && needs.expectedVersion !== (current?.version ?? 0)) {
    throw new Refusal({ code: 'stale_version', current })
  }
  const next =
    needs.mode === 'append' ? appended(current?.value, needs.value) : { ok: true as const, value: needs.value }
  if (!next.ok) throw notAppended(next)
  return write(tables, { ...defined({ key, note }), value: next.value ?? null, by, byName, at: now }, needs.share)
}

function notAppended(why: { found: string } | { chars: number }): Refusal {
  return 'found' in why
    ? new Refusal({ code: 'not_appendable', found: why.found })
    : new Refusal({ code: 'too_large', chars: why.chars, maxChars: LIMITS.valueChars })
}

export function deleteState(tables: Tables, now: number, needs: Commands['deleteState']['needs']): StateEntry {
  const { key, by, byName } = needs
  const current = presentState(tables, key)
  if (current === undefined) throw new Refusal({ code: 'not_found', what: 'state' })
  if (needs.expectedVersion !== undefined && needs.expectedVersion !== current.version) {
    throw new Refusal({ code: 'stale_version', current })
  }
  return write(tables, { key, value: null, by, byName, at: now, deleted: true }, needs.share)
}

function write(tables: Tables, entry: Omit<StateEntry, 'version'>, share: Share | undefined): StateEntry {
  const versions = tables.state.get(entry.key) ?? []
  const written = { ...entry, version: (versions.at(-1)?.entry.version ?? 0) + 1 }
  const num = tables.counters.stateVersions + 1
  tables.counters = { ...tables.counters, stateVersions: num }
  const bytes = Buffer.byteLength(JSON.stringify(written))
  tables.state.set(entry.key, [...versions, { entry: written, num, bytes, holder: share?.holder }])
  if (share) makeRoom(tables, share)
  shorten(tables, entry.key)
  return written
}

/** The holder's oldest versions that are not in force any more. */
function makeRoom(tables: Tables, { holder, max }: Share): void {
  const own = [...tables.state.values()].flat().filter(version => version.holder === holder)
  let excess = sum(own) - max
  const past = own.filter(({ num, entry }) => tables.state.get(entry.key)?.at(-1)?.num !== num)
  for (const version of past.sort((a, b) => a.num - b.num)) {
    if (excess <= 0) break
    excess -= version.bytes
    forget(tables, version)
  }
  if (excess > 0) throw new Refusal({ code: 'limit_reached', what: 'stateBytes', limit: max })
}

function shorten(tables: Tables, key: string): void {
  for (;;) {
    const versions = tables.state.get(key)!
    const isShort = versions.length <= LIMITS.historyVersions && sum(versions) <= LIMITS.historyBytes
    if (isShort || versions.length === 1) return
    forget(tables, versions[0]!)
  }
}

function sum(versions: readonly Version[]): number {
  return versions.reduce((total, { bytes }) => total + bytes, 0)
}

function forget(tables: Tables, { num, entry: { key } }: Version): void {
  tables.state.set(
    key,
    tables.state.get(key)!.filter(version => version.num !== num),
  )
}

function versionsOf(tables: Tables, key: string): StateEntry[] {
  return (tables.state.get(key) ?? []).map(({ entry }) => entry)
}

export function stateOf(tables: Tables, key: string, version?: number): StateEntry | undefined {
  if (version === undefined) return presentState(tables, key)
  return versionsOf(tables, key).find(entry => entry.version === version)
}

export function presentKeys(tables: Tables): string[] {
  return [...tables.state.keys()].filter(key => presentState(tables, key) !== undefined).sort(byText)
}

export function states(tables: Tables, prefix: string, limit: number): StateAbout[] {
  return presentKeys(tables)
    .filter(key => key.startsWith(prefix))
    .slice(0, limit)
    .map(key => {
      const { value: _, ...about } = presentState(tables, key)!
      return about
    })
}

export function stateHistory(tables: Tables, key: string, limit: number): StateEntry[] {
  return versionsOf(tables, key).reverse().slice(0, limit)
}
