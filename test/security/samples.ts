import type { OperationName } from '../../src/operations/index.ts'

/** An input of each operation that would take effect, so that a refusal is worth something. */
export const SAMPLES: Record<string, object> = {
  register: { name: 'intruder' },
  whoami: {},
  list_sessions: {},
  list_channels: {},
  publish: { text: 'intrusion' },
  inbox: {},
  ack: { up_to: 1 },
  message_status: { event_id: 1 },
  get_events: {},
  heartbeat: { activity: 'busy' },
  unregister: {},
  readmit: { session: 'good' },
  set_state: { key: 'k', value: 'intrusion' },
  get_state: { key: 'k' },
  list_state: {},
  delete_state: { key: 'k' },
  claim: { path: '/srv/x.ts' },
  release: { path: '/srv/x.ts' },
  list_claims: {},
  prune: { keep_newest: 0 },
  create_token: { name: 'intruder' },
  list_tokens: {},
  narrow_token: { name: 'good', scopes: ['read'] },
  revoke_token: { name: 'good' },
  continue_chain: { event_id: 1 },
  collect: { route: 'prompt hook' },
  take_inbox: {},
  settle: { proof: 'prompt hook', events: [1] },
  check_edit: { path: '/srv/x.ts' },
  note_edit: { path: '/srv/x.ts' },
  check_git: { command: 'git stash' },
  self_check_pair: {},
} satisfies Record<OperationName, object>

export function sampleOf(operation: string): object {
  return SAMPLES[operation] ?? {}
}
