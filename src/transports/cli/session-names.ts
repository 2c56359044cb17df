import { OPERATOR_ID } from '../../bus/access.ts'
import { type Said, say } from '../../bus/say.ts'
import type { Client } from '../../client/index.ts'

/**
 * Names of sessions by id, asked for when an unknown id turns up; at most once for each. One that has ended has its codename
 * with it: its name may be that of another by now.
 */
export function createSessionNames(client: Client) {
  const names = new Map<string, Said>([[OPERATOR_ID, say('operator')]])
  return {
    nameOf: (id: string) => names.get(id),
    async learn(channels: string): Promise<void> {
      const unknown = sessionIds(channels).filter(id => !names.has(id))
      if (unknown.length === 0) return
      const { sessions } = await client.call('list_sessions', { include_gone: true, limit: 500 })
      for (const { id, name, codename, ended } of sessions) {
        names.set(id, ended === undefined ? say`${name}` : say`${name} (${codename})`)
      }
      for (const id of unknown) if (!names.has(id)) names.set(id, say`${id}`)
    },
  }
}

function sessionIds(channels: string): string[] {
  return channels
    .split(' ')
    .filter(channel => channel.startsWith('session:'))
    .map(channel => channel.slice('session:'.length))
}
