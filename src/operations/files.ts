import { z } from 'zod'
import { duration } from '../bus/duration.ts'
import { noteOf } from '../bus/note-of.ts'
import { type Said, say } from '../bus/say.ts'
import { committed } from './commit.ts'
import { defineOperation } from './operation.ts'
import { placed } from './places.ts'
import { ownSession } from './require-session.ts'
import { decision, path, pathFacts } from './shapes.ts'

export const checkEdit = defineOperation({
  name: 'check_edit',
  title: 'Whether a file may be edited',
  description: 'For session processes: what the claims of other sessions say to an edit of this file.',
  toolset: 'hooks',
  scope: 'read',
  effect: 'read',
  takesPath: true,
  provesReading: false,
  input: z.strictObject({ path, facts: pathFacts.optional() }),
  output: z.object({ decision, reason: z.string().optional() }),
  command: {},
  async run(call, input) {
    const { store, onClaimedEdit } = call.bus
    const session = ownSession(call)
    const place = await placed(call, input.path, input.facts)
    const others = { area: place.area, notSessionId: session.id }
    const [meeting] = await store.claims({ ...others, covers: place, limit: 1 })
    if (!meeting) return { decision: 'none' as const }
    const [holder, now] = await Promise.all([store.session(meeting.sessionId), store.now()])
    const left = duration((meeting.expiresAt - now) / 1000)
    return {
      decision: onClaimedEdit(place.area),
      reason:
        say`Switchboard: ${place.path} is claimed by ${holder?.name ?? say('a session that is gone')}${noteOf(meeting)} as ${meeting.path}, for another ${left}. Ask ${holder?.name ?? say('the operator')} before you edit it.`
          .text,
    }
  },
})

export const noteEdit = defineOperation({
  name: 'note_edit',
  title: 'A file was edited',
  description: 'For session processes: two sessions that edit one file within ten minutes are both told.',
  toolset: 'hooks',
  scope: 'publish',
  effect: 'write',
  takesPath: true,
  provesReading: false,
  input: z.strictObject({ path, facts: pathFacts.optional() }),
  output: z.object({ told: z.int() }),
  command: {},
  async run(call, input) {
    const { store, edits } = call.bus
    const session = ownSession(call)
    const place = await placed(call, input.path, input.facts)
    const now = await store.now()
    let told = 0
    for (const otherId of edits.note(place, session.id, now)) {
      const other = await store.session(otherId)
      if (!other || other.endedAt !== undefined || !edits.shouldTell(place, session.id, otherId, now)) continue
      const text = (name: string) => say`${name} edited ${place.path} within the last 10 minutes, and so did you.`
      committed(
        await call.commit([
          { kind: 'append', event: collision(session.id, text(other.name)) },
          { kind: 'append', event: collision(otherId, text(session.name)) },
        ]),
      )
      told += 2
    }
    return { told }
  },
})

/** Does not ring: a session that edits is at work, and its next hook brings the message. */
function collision(sessionId: string, text: Said) {
  return {
    type: 'edit_collision',
    channels: [`session:${sessionId}`],
    senderId: 'system',
    senderName: 'switchboard',
    text: text.text,
    level: 'actionable',
    urgency: 'quiet',
    hops: 0,
  } as const
}
