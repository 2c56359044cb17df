import { connect } from '../../../client/index.ts'
import type { Io } from '../io.ts'

export interface Suggestion {
  readonly value: string
  readonly about: string
}

export interface Suggestions {
  readonly sessions: readonly Suggestion[]
  readonly recipients: readonly Suggestion[]
  readonly topics: readonly Suggestion[]
  readonly keys: readonly Suggestion[]
}

/** A shell waits for this at every press of the tab key. */
const PATIENCE_MS = 500
const FIXED: readonly Suggestion[] = [
  { value: 'all', about: 'everyone' },
  { value: 'operator', about: 'the human' },
]

/** What is on the bus that could be meant; nothing where no hub runs: none is started for this. */
export async function valuesNeeded(typed: readonly string[], io: Io): Promise<Suggestions> {
  const wantsKeys = typed.some(word => /state/.test(word))
  const client = connect({ env: io.env, startHub: false, deadlineMs: 0 })
  const signal = AbortSignal.timeout(PATIENCE_MS)
  try {
    const [{ sessions }, { channels }, { entries }] = await Promise.all([
      client.call('list_sessions', {}, { signal }),
      client.call('list_channels', {}, { signal }),
      wantsKeys ? client.call('list_state', {}, { signal }) : { entries: [] },
    ])
    const names = sessions.map(({ name, role, summary }) => ({ value: name, about: summary ?? role ?? 'session' }))
    const groups = channels.map(({ channel, followers }) => ({
      value: channel,
      about: followers === 1 ? '1 follower' : `${followers} followers`,
    }))
    return {
      sessions: names,
      recipients: [...names, ...FIXED, ...groups.filter(({ value }) => value !== 'all')],
      topics: groups
        .filter(({ value }) => value.startsWith('topic:'))
        .map(({ value, about }) => ({ value: value.slice('topic:'.length), about })),
      keys: entries.map(({ key, version }) => ({ value: key, about: `version ${version}` })),
    }
  } catch {
    return { sessions: [], recipients: FIXED, topics: [], keys: [] }
  } finally {
    await client.close()
  }
}
