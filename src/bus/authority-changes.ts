import type { Command, Commands } from './store.ts'

/** Whose authority these commands ended or made less, by their results: ids of sessions and tokens. */
export function authorityChanges(commands: readonly Command[], results: readonly unknown[]): string[] {
  return commands.flatMap((command, i) => changesOf(command, results[i]))
}

function changesOf(command: Command, result: unknown): string[] {
  switch (command.kind) {
    case 'endSession':
      return [command.id]
    case 'sweep':
      return (result as Commands['sweep']['gives']).ended.map(({ id }) => id)
    case 'revokeToken': {
      const { token, ended } = result as Commands['revokeToken']['gives']
      return [token.id, ...ended.map(({ id }) => id)]
    }
    case 'narrowToken': {
      const { token, sessionIds } = result as Commands['narrowToken']['gives']
      return [token.id, ...sessionIds]
    }
    default:
      return []
  }
}
