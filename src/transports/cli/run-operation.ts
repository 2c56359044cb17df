import { defined } from '../../bus/defined.ts'
import type { CatalogEntry } from '../../operations/catalog.ts'
import type { Invocation } from './command.ts'
import { type Actor, actor } from './identity.ts'
import type { NameOf } from './render/events.ts'
import { humanText } from './render/index.ts'
import { createSessionNames } from './session-names.ts'
import { fromHere } from './whereabouts.ts'

/** Calls an operation of the hub and prints what it gives. */
export async function runOperation(
  entry: CatalogEntry,
  input: Record<string, unknown>,
  invocation: Invocation,
): Promise<number> {
  const { io, global } = invocation
  if (entry.name === 'register') return await (await import('./register.ts')).register(input, invocation)
  const acting = await actor(invocation)
  try {
    const output = await callOperation(acting, entry, input, invocation)
    if (global.isJson) io.out.json(output)
    else io.out.line(await humanText(entry.name, output, io.out.look, await namesFor(output, acting), input))
    return 0
  } finally {
    await acting.client.close()
  }
}

async function callOperation(
  acting: Actor,
  entry: CatalogEntry,
  input: Record<string, unknown>,
  invocation: Invocation,
): Promise<object> {
  const given = await fromHere(entry, input, acting, invocation)
  return await acting.client.call(entry.name as never, given as never, {
    signal: invocation.io.signal,
    ...defined({ deadlineMs: invocation.global.timeoutMs }),
  })
}

/** Names for the sessions whose channels are about to be shown. */
async function namesFor(output: object, { client }: Actor): Promise<NameOf> {
  const { channel, events } = output as { channel?: unknown; events?: unknown }
  const shown = [channel, ...(Array.isArray(events) ? events.map(event => event.channel as unknown) : [])]
  const names = createSessionNames(client)
  await names.learn(shown.filter(each => typeof each === 'string').join(' '))
  return names.nameOf
}
