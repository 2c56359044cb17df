import { OPERATOR_ID } from '../bus/access.ts'
import { defined } from '../bus/defined.ts'
import { presenceOf, type Session } from '../bus/session.ts'
import type { Bus } from './bus.ts'

/** How many a register or a resume lists: enough to know the neighbourhood, few enough for a model's context. */
const MAX_PEERS = 20

/** The others in the same repo (on the same machine, where there is no repo), the last seen first. */
export async function peersOf(bus: Bus, session: Session) {
  const [others, now] = await Promise.all([
    bus.store.sessions({
      ...(session.repo === undefined ? { machine: session.machine } : { repo: session.repo }),
      limit: MAX_PEERS + 1,
    }),
    bus.store.now(),
  ])
  return others
    .filter(other => other.id !== session.id && other.id !== OPERATOR_ID)
    .slice(0, MAX_PEERS)
    .map(other =>
      defined({
        name: other.name,
        codename: other.codename,
        role: other.role,
        summary: other.summary,
        branch: other.branch,
        activity: other.activity,
        waiting_for: other.waitingFor,
        presence: presenceOf({ ...other, seenAt: bus.presence.seenAt(other, now) }, now),
      }),
    )
}
