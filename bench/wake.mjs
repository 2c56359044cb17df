/**
 * From the call of `publish` until the real Claude Code client, idle in its terminal, has sent its model the message:
 * the bell starts a turn, the hook of its prompt brings the letter, the request holds it. p50 and p99 of a round.
 *
 * The floor is a second idle session of the same client, in turns with the first, that an empty server wakes by the
 * same inbox socket and gives a text by the same hook: what the client itself takes. `ring` measures the rest.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from './harness/numbers.mjs'
import { realClient } from './harness/real-client.mjs'
import { row } from './harness/row.mjs'
import { registerSession, TEXT } from './harness/sessions.mjs'
import { until } from './harness/until.mjs'

/** With the one that warms up as often as the client takes a sender's lines at once; after that it takes one in 2 s. */
const TIMES = 28

/** After a turn the client is not quite at rest. */
const BETWEEN_MS = 100

export async function wake({ inRounds, isQuick }) {
  const rounds = await inRounds(home => round(home, isQuick ? 5 : TIMES))
  const line = (share, target) =>
    row({
      name: `publish → an idle real session's model has it (p${share * 100})`,
      unit: 'ms',
      values: rounds.map(({ woken }) => percentile(woken, share)),
      floors: rounds.map(({ bare }) => percentile(bare, share)),
      floor: 'an empty server wakes it',
      target,
    })
  return [line(0.5, ['value', '≤', 400]), line(0.99, ['value', '≤', 1_000])]
}

async function round(home, times) {
  await home.startHub()
  const { sandbox, model, launch, ringEmpty, TerminalSession, placesOf } = await realClient(home)
  const start = async name => {
    const session = await TerminalSession.start(sandbox, launch[name])
    await session.prompt('hello')
    return session
  }
  const [own, empty] = await Promise.all([start('own'), start('empty')])
  const sessions = { own, empty }
  const operator = home.connect()
  const client = operator.withCredential((await registerSession(operator, 'sender')).credential)
  const { name: to } = await until('the session is on the bus and idle', async () =>
    (await operator.call('list_sessions', {})).sessions.find(
      each => each.agent === 'claude-code' && each.activity === 'idle',
    ),
  )

  const works = {
    own: text => client.call('publish', { text, to }),
    empty: async (text, i) => ringEmpty({ line: `1 new message on the switchboard (ring ${i})`, letter: text }),
  }
  const woken = async (name, i) => {
    const text = `Letter ${i} to ${name}. ${TEXT}`
    const { statusUpdatedAt } = await sessions[name].waitForIdle()
    const begunAt = performance.now()
    const [seen] = await Promise.all([
      model.waitForRequest(request => placesOf(request, text).length > 0),
      works[name](text, i),
    ])
    await sessions[name].waitForStatus(
      'the turn to end',
      it => it.status === 'idle' && it.statusUpdatedAt > statusUpdatedAt,
    )
    return seen.at - begunAt
  }
  const taken = { own: [], empty: [] }
  // The first warms up.
  for (let i = -1; i < times; i++) {
    for (const name of Math.abs(i) % 2 === 0 ? ['own', 'empty'] : ['empty', 'own']) {
      await sleep(BETWEEN_MS)
      const tookMs = await woken(name, i + 2)
      if (i >= 0) taken[name].push(tookMs)
    }
  }
  return { woken: taken.own, bare: taken.empty }
}
