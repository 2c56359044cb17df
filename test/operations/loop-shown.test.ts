import { expect, it } from 'vitest'
import { SESSION_SCOPES } from '../../src/bus/access.ts'
import { type InputOf, type OperationName, operations } from '../../src/operations/index.ts'
import { openWorld } from './world.ts'

const MARK = 'the words of the third hop'
/** Longer than a hook's answer has room for. */
const LONG = `${MARK} ${'and on '.repeat(2_000)}`

/** How a session calls each operation that it may call. A new one has its place here. */
const inputs: { readonly [N in OperationName]?: InputOf<N> } = {
  register: { summary: 'x' },
  whoami: {},
  list_sessions: {},
  list_channels: {},
  publish: { text: 'x', to: 'topic:x' },
  inbox: {},
  ack: { up_to: 0 },
  message_status: { event_id: 2 },
  get_events: {},
  heartbeat: { activity: 'busy' },
  unregister: {},
  set_state: { key: 'k', value: 1 },
  get_state: { key: 'there' },
  list_state: {},
  delete_state: { key: 'there' },
  claim: { path: 'x.ts' },
  release: { path: 'mine.ts' },
  list_claims: {},
  collect: { route: 'prompt hook' },
  take_inbox: {},
  settle: { proof: 'Stop hook', events: [] },
  check_edit: { path: 'x.ts' },
  note_edit: { path: 'x.ts' },
  check_git: { command: 'git stash' },
}

const SHOW_MAIL = ['inbox', 'take_inbox', 'collect', 'get_events']

const forSessions = operations.filter(({ scope }) => SESSION_SCOPES.includes(scope)).map(({ name }) => name)

it('every operation that a session may call has its place here', () => {
  expect(Object.keys(inputs).sort()).toEqual([...forSessions].sort())
})

const calls = [
  ...Object.entries(inputs).map(([name, input]) => [name, input, MARK] as const),
  ['inbox', { peek: true }, MARK] as const,
  ['collect', { route: 'prompt hook' }, LONG] as const,
]

it.each(calls)('%s %j counts the hops of the mail that it shows', async (name, input, text) => {
  const world = await openWorld()
  const reader = await world.join('reader', {
    facts: { repo: 'github.com/acme/api', worktree: '/src/a', cwd: '/src/a', branch: 'a' },
  })
  const { session_id: id } = reader.joined
  await world.store.commit([
    {
      kind: 'append',
      event: {
        type: 'message',
        channels: [`session:${id}`],
        senderId: 'ses_peer',
        senderName: 'peer',
        text,
        level: 'actionable',
        urgency: 'now',
        hops: 3,
      },
    },
  ])
  await reader('set_state', { key: 'there', value: 1 })
  await reader('claim', { path: 'mine.ts' })
  expect(await world.store.talk(id)).not.toHaveProperty('chain')
  const output = await reader(name as OperationName, input as never, 'key')
  const isShown = JSON.stringify(output).includes(MARK)
  expect(isShown).toBe(SHOW_MAIL.includes(name))
  const chain = (await world.store.talk(id))?.chain
  expect(chain?.hops).toBe(isShown ? 3 : undefined)
})
