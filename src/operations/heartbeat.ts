import { z } from 'zod'
import { BusError } from '../bus/errors.ts'
import { LIMITS } from '../bus/limits.ts'
import type { Session } from '../bus/session.ts'
import { nameByTitle } from '../bus/session-name.ts'
import type { SessionPatch } from '../bus/session-patch.ts'
import { committed } from './commit.ts'
import { followCommand } from './following.ts'
import { mailOf } from './letters.ts'
import { type Call, defineOperation } from './operation.ts'
import { renameRepository } from './renamed-repository.ts'
import { ownSession } from './require-session.ts'
import { activity, emptiableText, facts } from './shapes.ts'

export const heartbeat = defineOperation({
  name: 'heartbeat',
  title: 'Show a sign of life, and what this session is doing',
  description: 'A sign of life. Every other call is one too.',
  toolset: 'talk',
  scope: 'publish',
  effect: 'write',
  provesReading: false,
  input: z.strictObject({
    activity: activity.optional(),
    waiting_for: emptiableText(200).optional().describe('with activity waiting'),
    facts: facts.omit({ machine: true, run: true, parent: true, known_as: true }).optional(),
    rang: z.int().min(1).max(100).optional().describe('doorbell rings since the last heartbeat'),
  }),
  output: z.object({
    name: z.string(),
    unread: z.int(),
    urgent: z.boolean(),
    newest: z.int().describe('the newest event id when it was counted'),
  }),
  command: { examples: ['heartbeat --activity busy', 'heartbeat --activity waiting --waiting-for review'] },
  async run(call, input) {
    const session = ownSession(call)
    if (input.waiting_for !== undefined && input.activity !== 'waiting') {
      throw new BusError(
        'invalid_input',
        `\`waiting_for\`: expected it with \`activity\` waiting, got it with ${input.activity ?? 'none'}`,
        { next: 'Say `activity` waiting too, or leave `waiting_for` out.' },
      )
    }
    const name = nameByTitle(session, input.facts ?? {})
    const changed = {
      ...input.facts,
      ...(name === undefined ? {} : { name }),
      ...(input.activity === undefined
        ? {}
        : { activity: input.activity, waitingFor: input.activity === 'waiting' ? (input.waiting_for ?? null) : null }),
    }
    const isNew = Object.entries(changed).some(([field, value]) => (session[field as keyof Session] ?? null) !== value)
    const { name: present } =
      isNew || input.rang !== undefined ? await change(call, session, changed, input.rang) : session
    await renewClaims(call, session.id)
    return { name: present, ...(await mailOf(call.bus.store, session.id)) }
  },
})

/** A session that moved to another repo follows that one from now on. */
async function change(call: Call, session: Session, patch: SessionPatch, rang: number | undefined): Promise<Session> {
  const counted = rang === undefined ? {} : { injected: { rings: rang } }
  const update = { kind: 'updateSession', id: session.id, patch, ...counted } as const
  if (!patch.repo || patch.repo === session.repo) {
    const [changed] = committed(await call.commit([update], call.key))
    return changed
  }
  const after = { ...session, ...(patch as Partial<Session>) }
  await renameRepository(call, session, after)
  const [changed] = committed(await call.commit([update, followCommand(after)], call.key))
  call.bus.presence.changed(session.id)
  return changed
}

/** Claims last as long as their holder shows that it works, and are written again only when half their term is over. */
async function renewClaims(call: Call, sessionId: string): Promise<void> {
  const { store } = call.bus
  const [claims, now] = await Promise.all([store.claims({ sessionId, limit: LIMITS.sessionClaims }), store.now()])
  if (!claims.some(claim => claim.expiresAt - now < claim.ttlMs / 2)) return
  committed(await call.commit([{ kind: 'renewClaims', sessionId }]))
}
