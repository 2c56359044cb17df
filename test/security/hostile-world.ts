import { sessionScopes } from '../../src/bus/access.ts'
import { placeOf } from '../../src/bus/place.ts'
import type { NewSession } from '../../src/bus/session-patch.ts'
import type { Command } from '../../src/bus/store.ts'
import { openWorld } from '../operations/world.ts'

export type HostileWorld = Awaited<ReturnType<typeof openHostileWorld>>

/**
 * A bus whose store holds this text in every field that somebody could ever choose: it was written by older programs,
 * which let more pass than today's.
 */
export async function openHostileWorld(text: string) {
  const world = await openWorld()
  const { store, operator } = world
  const commit = async (...commands: Command[]) => {
    const done = await store.commit(commands)
    if (!done.ok) throw new Error(JSON.stringify(done.conflict))
    return done.results as readonly unknown[]
  }

  const placed = placeOf(text, { machine: 'desk', repo: text }, [])
  const path = placed.ok ? placed.place.path : 'x.ts'
  const session = (id: string, more: Partial<NewSession> = {}): Command => ({
    kind: 'createSession',
    session: {
      id,
      name: text,
      codename: `${text}-${id}`,
      machine: 'desk',
      grantor: 'operator',
      ...{ agent: text, role: text, summary: text, clientId: `${text} ${id}`, mode: text, parent: text, pane: text },
      ...{ repo: text, worktree: `/w/${text}`, branch: text, cwd: `/w/${text}` },
      owns: [path],
      topics: [text],
      activity: 'waiting',
      waitingFor: text,
      injected: { chars: 1, messages: 1, rings: 1 },
      ...more,
    },
  })
  const [me, peer, gone] = ['ses_aaaaaaaaaaaa', 'ses_bbbbbbbbbbbb', 'ses_cccccccccccc'] as const
  const channels = [`role:${text}`, `repo:${text}`, `topic:${text}`, `machine:${text}`]
  for (const id of [me, peer, gone]) {
    await commit(session(id), {
      kind: 'follow',
      sessionId: id,
      channels: ['all', `session:${id}`, ...channels],
      backfillMs: 0,
    })
  }
  const event = (to: readonly string[], more: object = {}): Command => ({
    kind: 'append',
    event: {
      type: text,
      channels: to,
      senderId: peer,
      senderName: text,
      text,
      title: text,
      tags: [text, text],
      level: 'actionable',
      urgency: 'now',
      thread: text,
      hops: 0,
      data: { [text]: [text] },
      ...more,
    },
  })
  const direct = (await commit(event([`session:${me}`])))[0] as { id: number }
  await commit(event([`session:${me}`]), event([`session:${peer}`, ...channels]))
  const held = (await commit(event([`session:${me}`], { held: text })))[0] as { id: number }
  const by = { by: peer, byName: text }
  for (const key of [text, `${text}/other`]) {
    await commit({ kind: 'putState', key, value: text, mode: 'overwrite', note: text, ...by })
    await commit({
      kind: 'putState',
      key,
      value: { [text]: [text, { deep: text }] },
      mode: 'overwrite',
      note: text,
      ...by,
    })
  }
  await commit({ kind: 'claim', area: text, path, sessionId: peer, ttlMs: 600_000, note: text })
  await commit({ kind: 'claim', area: text, path: 'mine.ts', sessionId: me, ttlMs: 600_000, note: text })
  await commit({
    kind: 'putToken',
    token: { id: 'tok_1', name: text, hash: 'hash', scopes: ['read', 'publish'], machine: text },
  } as never)
  await commit({ kind: 'endSession', id: gone, reason: text })

  const as = (id: string) => world.sessionById(id)
  return {
    ...world,
    path,
    ids: { me, peer, gone, direct: direct.id, held: held.id },
    callers: { operator, me: as(me), ended: as(gone) },
    scopes: sessionScopes(),
  }
}
