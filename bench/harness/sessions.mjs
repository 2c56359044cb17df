/** Registers a session as its own process would, without the mail of the past hour; gives its id, name and credential. */
export async function registerSession(client, name, facts = {}) {
  const {
    session_id: id,
    credential,
    name: given,
  } = await client.call('register', {
    name,
    client_id: name,
    backfill_minutes: 0,
    facts: { machine: 'bench', repo: 'acme/bench', branch: 'main', ...facts },
  })
  return { id, name: given, credential }
}

/** As long as a message between agents usually is. */
export const TEXT =
  'The migration of the orders table is merged. Rebase before you touch src/api/orders, and run the contract suite ' +
  'once: two fixtures were renamed. Tell me if anything of yours depends on the old column names.'
