/** SQL files are imported as text: by esbuild's text loader in the build, by a plugin in vitest.config.ts in tests. */
declare module '*.sql' {
  const text: string
  export default text
}
