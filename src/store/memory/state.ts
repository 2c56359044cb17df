import { defined } from '../../bus/defined.ts'
import { appended, type StateAbout, type StateEntry } from '../../bus/state.ts'
import type { Commands } from '../../bus/store.ts'
import { Refusal } from './refusal.ts'
import { byText, type Tables } from './tables.ts'

export function presentState(tables: Tables, key: string): StateEntry | undefined {
  const last = tables.state.get(key)?.at(-1)
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
  if (!next.ok) throw new Refusal({ code: 'not_appendable', found: next.found })
  return write(tables, { ...defined({ key, note }), value: next.value ?? null, by, byName, at: now })
}

export function deleteState(tables: Tables, now: number, needs: Commands['deleteState']['needs']): StateEntry {
  const { key, by, byName } = needs
  const current = presentState(tables, key)
  if (current === undefined) throw new Refusal({ code: 'not_found', what: 'state' })
  if (needs.expectedVersion !== undefined && needs.expectedVersion !== current.version) {
    throw new Refusal({ code: 'stale_version', current })
  }
  return write(tables, { key, value: null, by, byName, at: now, deleted: true })
}

function write(tables: Tables, entry: Omit<StateEntry, 'version'>): StateEntry {
  const versions = tables.state.get(entry.key) ?? []
  const written = { ...entry, version: versions.length + 1 }
  tables.state.set(entry.key, [...versions, written])
  return written
}

export function stateOf(tables: Tables, key: string, version?: number): StateEntry | undefined {
  if (version === undefined) return presentState(tables, key)
  return tables.state.get(key)?.find(entry => entry.version === version)
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
  return [...(tables.state.get(key) ?? [])].reverse().slice(0, limit)
}
