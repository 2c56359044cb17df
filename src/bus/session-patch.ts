import type { Session } from './session.ts'

export type NewSession = Omit<Session, 'registeredAt' | 'seenAt' | 'endedAt' | 'endReason' | 'readmissions'>

/** Fields to change; a field that is `null` is cleared, one that is left out or undefined stays. */
export type SessionPatch = {
  readonly [K in keyof Omit<NewSession, 'id' | 'codename' | 'machine' | 'grantor'>]?: NewSession[K] | null | undefined
}

/** A name is never cleared; lists are emptied. */
export function patchSession(before: Session, patch: SessionPatch): Session {
  const fields: Record<string, unknown> = { ...before }
  for (const [field, value] of Object.entries(patch)) {
    if (value === undefined || (field === 'name' && value === null)) continue
    if (value !== null) fields[field] = value
    else if (field === 'owns' || field === 'topics') fields[field] = []
    else delete fields[field]
  }
  return fields as unknown as Session
}
