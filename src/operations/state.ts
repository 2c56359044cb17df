import { z } from 'zod'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { LIMITS } from '../bus/limits.ts'
import { nearest } from '../bus/names.ts'
import { quoted, say } from '../bus/say.ts'
import { shareOf } from '../bus/share.ts'
import type { StateAbout } from '../bus/state.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import { committed } from './commit.ts'
import { defineOperation } from './operation.ts'
import { mayRead, writerOf } from './require-session.ts'
import { emptiableText, jsonValue, key, note, time } from './shapes.ts'

/** Keys that a list gives at the most. */
const MAX_KEYS = 500

const entryShape = z.object({
  key: z.string(),
  version: z.int(),
  by: z.string(),
  at: time,
  note: z.string().optional(),
})

function shown(entry: StateAbout): z.input<typeof entryShape> {
  return defined({
    key: entry.key,
    version: entry.version,
    by: entry.byName,
    at: new Date(entry.at).toISOString(),
    note: entry.note,
  })
}

const version = z.int().min(0)

/** An older program may have written one in which nothing is seen: that can still be read and deleted. */
const keyOfBefore = z.string().min(1).max(LIMITS.keyChars)

export const setState = defineOperation({
  name: 'set_state',
  title: 'Write a shared value',
  description:
    'Write a shared JSON value. expected_version refuses a stale write (0 = must not exist yet). mode append adds value to a list as one item (a list too), to text as a new line. Earlier versions are kept, the oldest only as long as there is room.',
  toolset: 'state',
  scope: 'publish',
  effect: 'write',
  input: z.strictObject({
    key,
    value: jsonValue(LIMITS.valueChars),
    expected_version: version.optional(),
    mode: z.enum(['overwrite', 'append']).optional(),
    note: note.optional(),
  }),
  output: entryShape.extend({ value: z.unknown().optional() }),
  command: {
    positionals: ['key', 'value'],
    aliases: ['state set'],
    examples: ['set-state api/url \'"http://localhost:3000"\'', 'set-state plan \'["step 1"]\' --expected-version 3'],
  },
  async run(call, input) {
    const commit = await call.commit(
      [
        defined({
          kind: 'putState',
          key: input.key,
          value: input.value,
          mode: input.mode ?? 'overwrite',
          expectedVersion: input.expected_version,
          note: input.note,
          share: shareOf(call.caller, 'stateBytes'),
          ...writerOf(call),
        }),
      ],
      call.key,
    )
    const [entry] = committed(commit)
    return mayRead(call) ? { ...shown(entry), value: entry.value } : shown(entry)
  },
})

export const getState = defineOperation({
  name: 'get_state',
  title: 'Read a shared value',
  description: 'Read a shared value, with version and author. version reads an earlier one.',
  toolset: 'state',
  scope: 'read',
  effect: 'read',
  input: z.strictObject({ key: keyOfBefore, version: version.min(1).optional() }),
  output: entryShape.extend({ value: z.unknown(), deleted: z.boolean().optional() }),
  command: { positionals: ['key'], aliases: ['state get'], examples: ['get-state plan', 'get-state plan --version 2'] },
  async run(call, input) {
    const { store } = call.bus
    const entry = await store.state(input.key, input.version)
    if (entry) return defined({ ...shown(entry), value: entry.value ?? null, deleted: entry.deleted })
    const present = input.version === undefined ? undefined : await store.state(input.key)
    if (present) {
      throw new BusError(
        'not_found',
        say`${quoted(input.key)} is at version ${present.version}; it has no version ${input.version!}`,
        { next: say`Ask for a \`version\` from 1 to ${present.version}; the oldest may be forgotten.` },
      )
    }
    throw await missing(store, input.key)
  },
})

async function missing(store: StoreReads, key: string): Promise<BusError> {
  const keys = (await store.states('', MAX_KEYS)).map(each => each.key)
  const near = nearest(key, keys)
  return new BusError('not_found', say`there is no state ${quoted(key)}`, {
    next: near.length > 0 ? say`Did you mean ${near}?` : say('See `list_state`.'),
  })
}

export const listState = defineOperation({
  name: 'list_state',
  title: 'List shared values',
  description: 'Keys of the shared state with version and author, without values.',
  toolset: 'state',
  scope: 'read',
  effect: 'read',
  input: z.strictObject({ prefix: emptiableText(LIMITS.keyChars).optional() }),
  output: z.object({ entries: z.array(entryShape), more: z.boolean().optional() }),
  command: { positionals: ['prefix'], aliases: ['state list'], examples: ['list-state', 'list-state api/'] },
  async run(call, input) {
    const entries = await call.bus.store.states(input.prefix ?? '', MAX_KEYS + 1)
    return defined({ entries: entries.slice(0, MAX_KEYS).map(shown), more: entries.length > MAX_KEYS || undefined })
  },
})

export const deleteState = defineOperation({
  name: 'delete_state',
  title: 'Delete a shared value',
  description: 'Delete a shared value; earlier versions can still be read, and its versions go on counting.',
  toolset: 'state',
  scope: 'publish',
  effect: 'write',
  input: z.strictObject({ key: keyOfBefore, expected_version: version.min(1).optional() }),
  output: entryShape,
  command: { positionals: ['key'], aliases: ['state delete'], examples: ['delete-state plan'] },
  async run(call, input) {
    const { store } = call.bus
    const commit = await call.commit(
      [
        defined({
          kind: 'deleteState',
          key: input.key,
          expectedVersion: input.expected_version,
          share: shareOf(call.caller, 'stateBytes'),
          ...writerOf(call),
        }),
      ],
      call.key,
    )
    if (!commit.ok && commit.conflict.code === 'not_found') throw await missing(store, input.key)
    const [entry] = committed(commit)
    return shown(entry)
  },
})
