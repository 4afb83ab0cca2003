import Catalogue
import Facts
import Pages
import SysctlConf

extension FileDrift {
  /// The run with /lib, where it is a link to usr/lib, called by one name.
  func canonical(_ run: LoaderRun) -> LoaderRun {
    guard input.tree.place("/lib/sysctl.d") == input.tree.place("/usr/lib/sysctl.d") else {
      return run
    }
    func renamed(_ file: String) -> String {
      file.hasPrefix("/lib/sysctl.d/") ? "/usr\(file)" : file
    }
    var run = run
    for index in run.actions.indices {
      run.actions[index].place.file = renamed(run.actions[index].place.file)
    }
    for index in run.problems.indices {
      run.problems[index].file = renamed(run.problems[index].file)
    }
    run.files = run.files.map(renamed)
    return run
  }

  /// What is wrong, each thing once, with the loaders that meet it.
  func problems(of runs: [LoaderRun], _ report: FilesReport) -> [FilesReport.Problem] {
    var met: [(problem: ConfProblem, loaders: [String])] = []
    var index: [ConfProblem: Int] = [:]
    func add(_ problem: ConfProblem, _ loader: String) {
      if let at = index[problem] {
        if !met[at].loaders.contains(loader) { met[at].loaders.append(loader) }
      } else {
        index[problem] = met.count
        met.append((problem, [loader]))
      }
    }
    for run in runs {
      for problem in run.problems { add(explained(problem), run.loader.name) }
    }
    for problem in FileFaults.all(in: input.tree) {
      if problem.kind == .hiddenFile {
        add(problem, report.system)
      } else {
        for run in runs where run.files.contains(problem.file) { add(problem, run.loader.name) }
      }
    }
    for key in report.keys {
      if let problem = disagreement(on: key, report) {
        add(problem, report.boot)
        add(problem, report.system)
      }
    }
    for problem in misspelt(report) {
      add(problem, report.boot)
      add(problem, report.system)
    }
    // Alpine's loader matters on Alpine; elsewhere it would complain about every pattern.
    let alpine = Loader.alpine.name
    return met.filter { isAlpine || $0.loaders != [alpine] }
      .sorted { ($0.problem.file, $0.problem.line ?? 0) < ($1.problem.file, $1.problem.line ?? 0) }
      .map {
        FilesReport.Problem(
          file: $0.problem.file, line: $0.problem.line, kind: $0.problem.kind.rawValue,
          message: $0.problem.message,
          loaders: isAlpine ? $0.loaders : $0.loaders.filter { $0 != alpine })
      }
  }

  private func disagreement(on key: FilesReport.Key, _ report: FilesReport) -> ConfProblem? {
    guard !report.keys.isEmpty, key.differs(between: report.boot, and: report.system) else {
      return nil
    }
    func words(_ loader: String) -> String {
      guard let outcome = key.loaders[loader], let effective = outcome.effective else {
        return "nothing"
      }
      return "'\(effective.substituting(" ", for: "\t"))' (\(outcome.source))"
    }
    guard let source = (key.loaders[report.system] ?? key.loaders[report.boot])?.source else {
      return nil
    }
    return ConfProblem(
      .loadersDisagree, source.file, source.line,
      "'\(key.name)': boot sets \(words(report.boot)), sysctl --system sets"
        + " \(words(report.system))")
  }

  /// Lines that set a key which no page describes, and whose name is one or two letters away from one
  /// that does; on a host with a /proc/sys the loaders tell what is not there.
  private func misspelt(_ report: FilesReport) -> [ConfProblem] {
    guard input.listing == nil else { return [] }
    let keys = catalogue.pages.tunables.keys
    return report.keys.filter { !$0.isTunable }.flatMap { key -> [ConfProblem] in
      guard let dot = key.name.lastIndex(of: ".") else { return [] }
      let folder = key.name[...dot]
      let known = keys.map(\.name).filter { $0.hasPrefix(folder) }
      let word = String(key.name[dot...].dropFirst())
      let near = known.first { Self.isTypingError(word, for: String($0.dropFirst(folder.count))) }
      guard let near else { return [] }
      return key.assignments.map { line in
        ConfProblem(
          .unknownKey, line.source.file, line.source.line,
          "no page describes '\(key.name)'; did you mean '\(near)'?")
      }
    }
  }

  /// A letter or two, but at the beginning of no word: `udp_mem` is not meant to be `tcp_mem`.
  private static func isTypingError(_ typed: String, for name: String) -> Bool {
    let initials = [typed, name].map { text in
      text.utf8.split(separator: UInt8(ascii: "_")).map(\.first)
    }
    guard typed.utf8.count > 6, initials[0] == initials[1],
      let distance = Spelling.distance(from: typed, to: name)
    else { return false }
    return distance <= 2
  }

  /// Why a key is not there, where that is known.
  private func explained(_ problem: ConfProblem) -> ConfProblem {
    guard problem.kind == .unknownKey else { return problem }
    let pieces = problem.message.utf8.split(
      separator: UInt8(ascii: "'"), omittingEmptySubsequences: false)
    guard pieces.count >= 3, let key = SysctlKey(String(Substring(pieces[1]))) else {
      return problem
    }
    var problem = problem
    if let tunable = catalogue.tunable(key), let release {
      if let removed = tunable.removed, release >= removed {
        problem.message = "no key '\(key)': Linux \(removed) removed it"
        return problem
      }
      if let since = tunable.since, release < since {
        problem.message = "no key '\(key)': it came with Linux \(since)"
        return problem
      }
    }
    let modules = [("net.netfilter.nf_", "nf_conntrack"), ("net.bridge.", "br_netfilter")]
    if let module = modules.first(where: { key.name.hasPrefix($0.0) })?.1 {
      problem.message =
        "no key '\(key)': the module \(module) is not loaded, and what comes before it at boot"
        + " passes over the line"
    }
    return problem
  }
}
