import { OPERATOR_ID } from './access.ts'
import type { Change } from './change.ts'
import { duration } from './duration.ts'
import { noteOf } from './note-of.ts'
import { type Said, say } from './say.ts'
import type { Command, Commands } from './store.ts'

/** What these commands changed, by their results. */
export function changesOf(commands: readonly Command[], results: readonly unknown[]): Change[] {
  return commands.flatMap((command, i) => changesBy(command, results[i]))
}

function changesBy(command: Command, result: unknown): Change[] {
  switch (command.kind) {
    case 'claim': {
      const { claim, renewed } = result as Commands['claim']['gives']
      const did = say(renewed ? 'renewed its claim of' : 'claimed')
      const forHowLong = say`for ${duration(claim.ttlMs / 1000)}`
      const type = renewed ? 'claim_renewed' : 'claimed'
      return [claimChange(type, claim, say`${did} ${claim.path} in ${claim.area} ${forHowLong}${noteOf(claim)}`)]
    }
    case 'release': {
      const claim = result as Commands['release']['gives']
      const what = say`${claim.path} in ${claim.area}`
      const isOfAnother = command.sessionId === undefined && claim.sessionId !== OPERATOR_ID
      const text = isOfAnother ? say`lost ${what}: the operator released it` : say`released ${what}`
      return [claimChange('released', claim, text)]
    }
    case 'moveClaims': {
      const { lost } = result as Commands['moveClaims']['gives']
      return lost.map(claim =>
        claimChange('released', claim, say`lost ${claim.path} in ${claim.area}: another holds it there`),
      )
    }
    case 'endSession': {
      const { session, releasedClaims, left } = result as Commands['endSession']['gives']
      if (releasedClaims === 0) return []
      const rest = releasedClaims - left.length
      const which = [...left.map(({ area, path }) => say`${path} in ${area}`), ...(rest > 0 ? [say`${rest} more`] : [])]
      const text = say`left ${releasedClaims} ${say(releasedClaims === 1 ? 'claim' : 'claims')}: ${which}`
      return [lifecycle('released', session.id, text)]
    }
    case 'putState': {
      const { key, version, note } = result as Commands['putState']['gives']
      const { by, byName } = command
      return [
        { ...lifecycle('state_set', by, say`set ${key} to version ${version}${noteOf({ note })}`), senderName: byName },
      ]
    }
    case 'deleteState': {
      const { key } = result as Commands['deleteState']['gives']
      const { by, byName } = command
      return [{ ...lifecycle('state_deleted', by, say`deleted ${key}`), senderName: byName }]
    }
    case 'updateSession': {
      const { id, activity, waitingFor } = result as Commands['updateSession']['gives']
      if (command.patch.activity === undefined || activity === undefined) return []
      if (activity !== 'waiting') return [lifecycle(`session_${activity}`, id, say`is ${activity}`)]
      const what = waitingFor === undefined ? say('waits') : say`waits for ${waitingFor}`
      return [{ ...lifecycle('session_waiting', id, what), level: 'actionable' }]
    }
    default:
      return []
  }
}

function claimChange(type: string, { area, sessionId }: Commands['release']['gives'], text: Said): Change {
  return { ...lifecycle(type, sessionId, text), channels: [area.startsWith('machine:') ? area : `repo:${area}`] }
}

function lifecycle(type: string, senderId: string, { text }: Said): Change {
  return { type, channels: ['all'], senderId, level: 'lifecycle', text }
}
