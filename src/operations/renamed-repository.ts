import { OPERATOR_ID } from '../bus/access.ts'
import type { Claim } from '../bus/claim.ts'
import { isLocalRepo } from '../bus/repo.ts'
import { say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import type { Command } from '../bus/store.ts'
import { followCommand } from './following.ts'
import { noticeTo } from './notices.ts'
import type { Call } from './operation.ts'
import { inPieces } from './pieces.ts'
import { neighbours } from './places.ts'

type Located = Pick<Session, 'id' | 'machine' | 'gitdir' | 'repo'>

/**
 * A repository is called by its remote, and that may be added or changed while sessions live in it. The first to tell
 * the new name takes the others in the same git folder along, with what they have claimed: otherwise two sessions in one
 * worktree would not see each other. It is done before the name is told: the claims, then the sessions one by one, each
 * in a commit of its own. Where that breaks off, the next to tell the name finds those that are left.
 */
export async function renameRepository(call: Call, before: Located | undefined, after: Located): Promise<void> {
  const { gitdir, repo } = after
  if (gitdir === undefined || repo === undefined) return
  // Where a repository lies, and what it is called, a caller says for sessions of its own grantor and no others.
  const own = (await neighbours(call, after.machine)).filter(
    other => other.id !== after.id && other.grantor === call.caller.grantor,
  )
  const others = own.filter(other => other.gitdir === gitdir && other.repo !== repo)
  const renamed = before?.gitdir === gitdir && before.repo !== repo ? [before, ...others] : others
  const guests = own.filter(other => other.gitdir === undefined).map(({ id }) => id)
  if (call.caller.grantor === OPERATOR_ID) guests.push(OPERATOR_ID)
  for (const move of await claimMoves(call, renamed, guests, repo)) {
    for await (const { lost } of inPieces(call, move)) await tellHolders(call, lost)
  }
  for (const other of others) {
    await call.commit([{ kind: 'updateSession', id: other.id, patch: { repo } }, followCommand({ ...other, repo })])
    // It filters by other channels now.
    call.bus.presence.changed(other.id)
  }
}

type Move = Extract<Command, { kind: 'moveClaims' }>

/**
 * What each of these sessions has claimed in the repository. Who is in no repository (a shell, a session in another folder)
 * may have claimed in one with a local name, too; a remote's name may be of other clones, so there its claims stay.
 */
async function claimMoves(
  call: Call,
  renamed: readonly Located[],
  guests: readonly string[],
  to: string,
): Promise<Move[]> {
  const moves = renamed.flatMap(({ id, repo }) => (repo === undefined ? [] : [moveOf(repo, to, id)]))
  for (const area of new Set(moves.map(move => move.area))) {
    if (!isLocalRepo(area)) continue
    for (const id of guests) {
      const held = await call.bus.store.claims({ area, sessionId: id, limit: 1 })
      if (held.length > 0) moves.push(moveOf(area, to, id))
    }
  }
  return moves
}

function moveOf(area: string, to: string, sessionId: string): Move {
  return { kind: 'moveClaims', area, to, sessionId }
}

/** A holder must know what it has lost. */
async function tellHolders(call: Call, lost: readonly Claim[]): Promise<void> {
  if (lost.length === 0) return
  const notices = lost.map(claim => ({
    kind: 'append' as const,
    event: noticeTo(
      claim.sessionId,
      say`Your claim on ${claim.path} has ended: its repository is ${claim.area} now, where another session had claimed it before.`,
    ),
  }))
  await call.commit(notices)
}
