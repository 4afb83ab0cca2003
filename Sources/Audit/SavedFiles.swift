public import Facts

extension Audit {
  /// What the sysctl files of the snapshot make of the keys, as `files` shows it.
  ///
  /// A snapshot carries less than is read of a host at hand: the keys below net, the loader that
  /// boots the host and the one that people run, and what is wrong with whole files.
  ///
  /// - Parameter key: nil for all.
  /// - Returns: the report, or why the snapshot has no files.
  public func files(of key: SysctlKey? = nil) -> Reading<FilesReport> {
    snapshot.files.map { saved in
      var report = saved
      for index in report.keys.indices {
        if let name = SysctlKey(report.keys[index].name), let value = assumed[name] {
          report.keys[index].running = .known(value)
        }
      }
      if report.comparesRunning, report.knowsEveryLine {
        report.unnamed = facts.changedKeys(except: Set(report.keys.map(\.name))) {
          assumed[$0] == nil && (key == nil || $0 == key)
        }
      }
      report.note(assumed)
      if let key { report.keep(key) }
      report.gaps.append(
        Gap(
          "snapshot",
          "it has the keys below net for two loaders; what is wrong with single lines is not in it")
      )
      return report
    }
  }
}

extension FilesReport {
  /// Leaves what concerns one key.
  mutating func keep(_ key: SysctlKey) {
    keys.removeAll { $0.name != key.name }
    unnamed.removeAll { $0.key != key }
    let places = Set(keys.flatMap { $0.assignments.map(\.source) })
    problems = problems.filter { problem in
      problem.line.map { places.contains(Source(file: problem.file, line: $0)) } ?? false
        || problem.message.has("'\(key.name)'")
    }
  }

  /// Says which running values are not the host's.
  mutating func note(_ assumed: [SysctlKey: String]) {
    guard !assumed.isEmpty else { return }
    let words = assumed.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
    kernel += ", as if \(words.joined(separator: ", "))"
  }
}
