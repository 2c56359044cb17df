/**
 * What a hook adds to a step of the real Claude Code client while nothing is unread: from the model's answer that calls
 * a tool to the client's next request. One step of Read has one hook (PostToolBatch); one of Edit has three
 * (PreToolUse, which asks the hub about claims; PostToolUse; PostToolBatch).
 *
 * Three sessions in one project, each in one turn of forty tool calls, differ in nothing else: with Switchboard's
 * plugin, with the same hooks answered by an empty server that lists the same tools, and with Switchboard's server but
 * no hooks. The scripted model lets them take turns, a step each, in rotating order. So what a step takes by itself, which
 * grows with the conversation and with whatever else the machine does, meets all three alike; what a hook adds is the
 * median of the differences between steps of one turn, its floor the same difference for the empty server. (Whole
 * turns one after another gave anything from 0 to 12 ms: the difference of two medians taken seconds apart.)
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { median } from './harness/numbers.mjs'
import { realClient } from './harness/real-client.mjs'
import { row } from './harness/row.mjs'

const TURN_MS = 180_000
const HOOKS = { reads: 1, edits: 3 }

export async function hooks({ inRounds, isQuick }) {
  const rounds = await inRounds(home => round(home, isQuick ? 8 : 40))
  const line = (scene, name, target) =>
    row({
      name,
      unit: 'ms',
      values: rounds.map(each => added(each[scene], 'own') / HOOKS[scene]),
      floors: rounds.map(each => added(each[scene], 'empty') / HOOKS[scene]),
      floor: 'an empty hook',
      target,
    })
  return [
    line('reads', 'added by a hook, nothing unread (p50)', ['value', '≤', 6]),
    line('reads', '  beside an empty hook', ['ratio', '≤', 1.6]),
    line('edits', "  each of an edit's three"),
    row({
      name: '  a step without hooks',
      unit: 'ms',
      values: rounds.map(({ reads }) => median(reads.map(({ without }) => without))),
    }),
  ]
}

function added(steps, variant) {
  return median(steps.map(step => step[variant] - step.without))
}

async function round(home, calls) {
  await home.startHub()
  const { sandbox, model, launch, StreamSession, script } = await realClient(home)
  const sessions = {}
  for (const [name, options] of Object.entries(launch)) {
    sessions[name] = { session: StreamSession.start(sandbox, options), file: join(sandbox.project, `${name}.txt`) }
    await writeFile(sessions[name].file, 'version 0\n')
  }
  await Promise.all(Object.values(sessions).map(({ session }) => session.turn('hello', TURN_MS)))
  const turn = toolCall =>
    steps(model, sessions, calls, file => {
      const uses = Array.from({ length: calls }, (_, i) => toolCall(file, i))
      return script(...uses, { text: 'done' })
    })
  const reads = await turn(file => ({ tool: 'Read', input: { file_path: file } }))
  const edits = await turn((file, i) => ({
    tool: 'Edit',
    input: { file_path: file, old_string: `version ${i}\n`, new_string: `version ${i + 1}\n` },
  }))
  for (const { file } of Object.values(sessions)) {
    if ((await readFile(file, 'utf8')) !== `version ${calls}\n`) throw new Error('not every edit was made')
  }
  return { reads, edits }
}

/** Runs a turn of so many tool calls in each session; gives what each step took, by session. */
async function steps(model, sessions, calls, promptFor) {
  const turns = createTurns(model)
  const results = Object.values(sessions).map(({ session, file }) => session.turn(promptFor(file), TURN_MS))
  const failed = Promise.all(results).then(() => Promise.reject(new Error('a turn ended before its last step')))
  failed.catch(() => undefined)
  const names = Object.keys(sessions)
  const taken = []
  for (const name of names) await Promise.race([turns.isHeld(sessions[name].session.sessionId), failed])
  for (let i = 0; i < calls; i++) {
    const step = {}
    // Rotated: a session that comes twice in a row would be the warmer for it.
    for (const name of [...names, ...names].slice(i % names.length).slice(0, names.length)) {
      const { sessionId } = sessions[name].session
      const answeredAt = turns.answer(sessionId)
      step[name] = (await Promise.race([turns.isHeld(sessionId), failed])).at - answeredAt
    }
    taken.push(step)
  }
  turns.end()
  await Promise.all(results)
  return taken
}

/** Holds each request of a session until its turn comes. */
function createTurns(model) {
  const held = new Map()
  const waiting = new Map()
  model.pace = request =>
    new Promise(release => {
      held.set(request.sessionId, { request, release })
      waiting.get(request.sessionId)?.(request)
    })
  return {
    /** The session's request, as soon as it waits for its answer. */
    isHeld: id =>
      new Promise(resolve => {
        if (held.has(id)) resolve(held.get(id).request)
        else waiting.set(id, resolve)
      }),
    /** Lets the model answer it; gives the time of that. */
    answer(id) {
      const { release } = held.get(id)
      held.delete(id)
      release()
      return performance.now()
    },
    end() {
      model.pace = async () => {}
      for (const { release } of held.values()) release()
      held.clear()
    },
  }
}
