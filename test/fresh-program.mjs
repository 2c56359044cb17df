import { freshBuild } from '../scripts/fresh-build.mjs'

/** Before any test, and again when watched sources change: the suites run the program as it stands in `src`. */
export default function setup(project) {
  if (process.env.SWITCHBOARD_PROGRAM !== undefined) return
  const build = () => {
    process.env.SWITCHBOARD_PROGRAM = freshBuild()
  }
  build()
  project.onTestsRerun(build)
}
