/**
 * The layers of docs/architecture.md, as a check. Dependencies point one way:
 *
 *   main → cli, hub, session → client, transports → operations → bus ← store, delivery
 *
 * Types count: a type from the wrong place is the beginning of a dependency.
 */
const only = (name, folder, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^src/${folder}` },
  to: { path: '^src/', pathNot: [`^src/${folder}`, ...allowed.map(path => `^src/${path}`)] },
})

module.exports = {
  forbidden: [
    only('bus-knows-nobody', 'bus/', [], 'The core is pure: it knows no other part.'),
    {
      name: 'bus-does-no-io',
      comment: 'No files, sockets, clocks or chance in the core: they come in as parameters.',
      severity: 'error',
      from: { path: '^src/bus/' },
      to: { dependencyTypes: ['core'] },
    },
    only('operations-know-the-bus', 'operations/', ['bus/'], 'Rules know the core and nothing of doors or stores.'),
    only(
      'memory-store-knows-the-bus',
      'store/memory/',
      ['bus/', 'store/machine-clock'],
      'Stores never know each other.',
    ),
    only(
      'sqlite-store-knows-the-bus',
      'store/sqlite/',
      ['bus/', 'store/machine-clock', 'home/known-file'],
      'Stores never know each other.',
    ),
    only('delivery-knows-the-bus', 'delivery/', ['bus/'], 'Deliveries know the core only.'),
    only(
      'workspace-knows-the-home',
      'workspace/',
      ['bus/', 'home/'],
      'What git and the disk say, for programs beside them.',
    ),
    only('home-knows-the-bus', 'home/', ['bus/'], 'Where things lie on disk is known to all, and knows nobody.'),
    only(
      'client-speaks-http',
      'client/',
      ['bus/', 'operations/', 'home/', 'version'],
      'The client is outside the hub.',
    ),
    only(
      'http-door',
      'transports/http/',
      ['bus/', 'operations/', 'delivery/', 'version'],
      'Doors never touch a store.',
    ),
    only('mcp-door', 'transports/mcp/', ['bus/', 'operations/', 'version'], 'Doors never touch a store.'),
    only(
      'cli-is-a-client',
      'transports/cli/',
      ['bus/', 'operations/(catalog|texts)', 'client/', 'home/', 'workspace/', 'version'],
      'The command line never opens the database.',
    ),
    only(
      'session-is-a-client',
      'session/',
      ['bus/', 'client/', 'transports/mcp/', 'operations/(catalog|texts)', 'workspace/', 'home/', 'version'],
      'The session process is a client of the hub like any other.',
    ),
    only(
      'hub-composes',
      'hub/',
      ['bus/', 'operations/', 'store/', 'delivery/', 'transports/(http|mcp)/', 'home/', 'version'],
      'The hub knows neither the command line nor the session process.',
    ),
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
}
