import type { StatusFile } from './client-status.ts'
import type { Letters } from './letters.ts'
import { keepsLetters } from './transcript.ts'

/** The client writes its transcript a little after its status. */
const WRITTEN_MS = 300

/**
 * Finds letters that a prompt took out of the conversation again: no hook tells of an interruption, but the client's
 * status goes back to idle without the end of a turn.
 */
export function createInterruptions(parts: {
  readonly status: Pick<StatusFile, 'read' | 'watch'>
  readonly letters: Pick<Letters, 'isUnproved'>
  readonly onLost: () => void
}): {
  /** Letters go along with this prompt. */
  watch(prompt: { transcript: string }): void
  close(): void
} {
  let unwatch: (() => void) | undefined
  let timer: NodeJS.Timeout | undefined

  function end(): void {
    unwatch?.()
    unwatch = undefined
    clearTimeout(timer)
  }

  function look(transcript: string, offeredAt: number): void {
    if (!parts.letters.isUnproved) {
      end()
      return
    }
    const found = parts.status.read()
    if (found?.state !== 'idle' || found.since <= offeredAt) return
    clearTimeout(timer)
    timer = setTimeout(() => void decide(transcript), WRITTEN_MS).unref()
  }

  async function decide(transcript: string): Promise<void> {
    if (!parts.letters.isUnproved) return end()
    const isKept = await keepsLetters(transcript)
    if (!parts.letters.isUnproved) return end()
    end()
    if (!isKept) parts.onLost()
  }

  return {
    watch({ transcript }) {
      end()
      if (transcript === '') return
      const offeredAt = performance.now()
      unwatch = parts.status.watch(() => look(transcript, offeredAt))
    },
    close: end,
  }
}
