import { describe, expect, it } from 'vitest'
import { createActivity } from '../../src/session/activity.ts'
import type { ClientStatus } from '../../src/session/client-status.ts'
import { createMailbox } from '../../src/session/mailbox.ts'

/** An activity whose client's status file says this. */
function begun() {
  const file: { says: ClientStatus | undefined; changed(): void } = { says: undefined, changed() {} }
  const activity = createActivity({
    link: { ask: async () => ({ unread: 0, urgent: false }) as never },
    mailbox: createMailbox(),
    status: {
      read: () => file.says,
      watch: onChange => {
        file.changed = onChange
        return () => undefined
      },
    },
    onChange: () => undefined,
  })
  return { activity, file }
}

describe('what the agent is doing', () => {
  it('is what the newer of hook and status file says', () => {
    const { activity, file } = begun()
    file.says = { state: 'idle', since: 0 }
    activity.set('busy')
    expect(activity.look()?.state).toBe('busy')
    file.says = { state: 'idle', since: Number.MAX_SAFE_INTEGER }
    expect(activity.look()?.state).toBe('idle')
    activity.close()
  })

  it('is idle after a turn that was interrupted within the millisecond of its last hook', () => {
    const { activity, file } = begun()
    activity.set('busy')
    file.says = { state: 'idle', since: activity.told!.since }
    expect(activity.look()?.state).toBe('idle')
    activity.close()
  })

  it('is told idle as soon as the client says so, after a dialog that was answered by Esc', () => {
    const { activity, file } = begun()
    activity.set('waiting', 'permission prompt')
    file.says = { state: 'idle', since: activity.told!.since + 1_000 }
    file.changed()
    expect(activity.told?.state).toBe('idle')
    activity.close()
  })

  it('is what hooks say where the client has no status file', () => {
    const { activity } = begun()
    expect(activity.look()).toBeUndefined()
    activity.set('waiting', 'permission prompt')
    expect(activity.look()).toMatchObject({ state: 'waiting', waitingFor: 'permission prompt' })
    activity.close()
  })
})
