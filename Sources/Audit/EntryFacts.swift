import Expressions
import Facts
import Pages

/// One line of a sysctl file, for one key.
struct FileEntry {
  /// The key with all its lines.
  let key: FilesReport.Key
  /// The key as facts and changes name it.
  let sysctl: SysctlKey
  /// The line.
  let line: FilesReport.Assignment

  /// `file:line`.
  var name: String { line.source.description }

  /// Every line of a report, key by key.
  static func all(_ report: FilesReport) -> [FileEntry] {
    report.keys.flatMap { key -> [FileEntry] in
      guard let sysctl = SysctlKey(key.name) else { return [] }
      return key.assignments.map { FileEntry(key: key, sysctl: sysctl, line: $0) }
    }
  }

  /// Whether the line is the last of its key that changes anything for a loader.
  func wins(_ loader: String) -> Bool {
    key.loaders[loader].map { $0.effective != nil && $0.source == line.source } ?? false
  }
}

extension SnapshotFacts {
  func value(of fact: FilesFact) -> Reading<Value> {
    snapshot.files.map { .count(Int64($0.problems.count(where: fact.counts))) }
  }

  func value(of fact: EntryFact, _ entry: FileEntry) -> Reading<Value> {
    guard let report = snapshot.files.value else {
      return .missing(snapshot.files.absence ?? Absence(.notGathered, "no files were read"))
    }
    switch fact {
    case .key: return .known(.text(entry.key.name))
    case .file: return .known(.text(entry.line.source.file))
    case .value: return .known(.text(entry.line.value))
    case .winsBoot: return .known(.boolean(entry.wins(report.boot)))
    case .winsSystem: return .known(.boolean(entry.wins(report.system)))
    case .loadersDisagree:
      return .known(.boolean(entry.key.differs(between: report.boot, and: report.system)))
    case .repeated: return .known(.count(Int64(entry.key.assignments.count - 1)))
    case .ignoredBy:
      return .known(.text(entry.line.ignoredBy.joined(separator: ", ")))
    case .removedIn:
      guard let removed = tunables[entry.sysctl]?.removed else {
        return .absent("no release is known that took '\(entry.key.name)' away")
      }
      return .known(.release(removed))
    case .ascending: return ascending(entry)
    case .known: return compared(report).flatMap { isThere(entry) }.map(Value.boolean)
    case .outcome, .differsFromRunning, .belowDefault, .equalsDefault:
      return compared(report).flatMap { isThere(entry) }.flatMap { isThere in
        guard isThere else { return .absent("this kernel has no '\(entry.key.name)'") }
        return valueHere(of: fact, entry, report)
      }
    }
  }

  // MARK: Against the kernel

  /// What the kernel says is about these files only where both are the host's.
  private func compared(_ report: FilesReport) -> Reading<Void> {
    if let reason = report.notCompared { return .absent(reason) }
    return .known(())
  }

  private func isThere(_ entry: FileEntry) -> Reading<Bool> {
    entry.key.isThere.map(Reading.known)
      ?? .unreadable("it is not known whether the kernel has '\(entry.key.name)'")
  }

  private func valueHere(
    of fact: EntryFact, _ entry: FileEntry, _ report: FilesReport
  ) -> Reading<Value> {
    guard let outcome = entry.line.outcome, outcome != "unreadable" else {
      return .unreadable("what '\(entry.key.name)' shows after a write is not known")
    }
    switch fact {
    case .outcome: return .known(.text(outcome))
    // What is refused changes nothing.
    case _ where outcome == "refused": return .known(.boolean(false))
    case .differsFromRunning:
      return running(entry).map { running in
        .boolean(
          FilesReport.Key.words(running) != FilesReport.Key.words(left(by: entry, report) ?? ""))
      }
    case .belowDefault: return held(entry, report) { self.isBelow($0, $1, $2) }
    default:
      let text = left(by: entry, report) ?? ""
      return isDefaultText(text, of: entry.sysctl)
        ?? held(entry, report) { self.isEqual($0, $1, $2) }
    }
  }

  /// The value that stands in the report, unless another was laid over the host.
  func running(_ entry: FileEntry) -> Reading<String> { running(entry.key, entry.sysctl) }

  func running(_ key: FilesReport.Key, _ sysctl: SysctlKey) -> Reading<String> {
    snapshot.tunables[sysctl] ?? key.running
  }

  /// What the key shows where the line has its way.
  private func left(by entry: FileEntry, _ report: FilesReport) -> String? {
    for loader in [report.boot, report.system] where entry.wins(loader) {
      return entry.key.loaders[loader]?.effective
    }
    return entry.line.leaves
  }

  // MARK: Against the default

  /// Holds the numbers of a line against the key's default; a key without a page has none that could
  /// be passed below or met, and names stand neither above nor below each other.
  private func held(
    _ entry: FileEntry, _ report: FilesReport,
    _ judge: (_ numbers: [Int64], _ tunable: Tunable, _ standard: [Int64]) -> Reading<Value>
  ) -> Reading<Value> {
    guard let tunable = tunables[entry.sysctl], tunable.form == .numbers else {
      return .known(.boolean(false))
    }
    guard let numbers = left(by: entry, report).flatMap(Snapshot.numbers(in:)) else {
      return .unreadable("'\(entry.line.value)' leaves no list of 64-bit numbers")
    }
    return defaultNumbers(of: tunable).flatMap { standard in
      standard.count == numbers.count
        ? judge(numbers, tunable, standard)
        : .unreadable("expected \(standard.count) numbers, found \(numbers.count)")
    }
  }

  /// Whether names or ports are the default; nil for a key of numbers.
  ///
  /// What a kernel's build chose is no default that a line merely repeats.
  private func isDefaultText(_ text: String, of key: SysctlKey) -> Reading<Value>? {
    guard let tunable = tunables[key], tunable.form != .numbers else { return nil }
    let standard = defaultContent(of: tunable).value?.text
    return .known(.boolean(standard == FilesReport.Key.words(text).joined(separator: " ")))
  }

  private func isBelow(
    _ numbers: [Int64], _ tunable: Tunable, _ standard: [Int64]
  ) -> Reading<Value> {
    guard tunable.capacity else { return .known(.boolean(false)) }
    let isAbout = isDefaultApproximate(of: tunable)
    return .known(
      .boolean(
        zip(numbers, standard).contains { number, standard in
          isAbout ? number < standard - standard / 10 : number < standard
        }))
  }

  private func isEqual(
    _ numbers: [Int64], _ tunable: Tunable, _ standard: [Int64]
  ) -> Reading<Value> {
    guard numbers != standard, isDefaultApproximate(of: tunable) else {
      return isDefaultApproximate(of: tunable)
        ? .absent("the default depends on memory and is known only about")
        : .known(.boolean(numbers == standard))
    }
    let isFar = zip(numbers, standard).contains { number, standard in
      abs(Double(number) - Double(standard)) > abs(Double(standard)) / 10
    }
    return isFar
      ? .known(.boolean(false)) : .absent("the default depends on memory and is known only about")
  }

  // MARK: Order

  private func ascending(_ entry: FileEntry) -> Reading<Value> {
    guard let shape = tunables.shape(of: entry.sysctl), !shape.elements.isEmpty else {
      return .known(.boolean(true))
    }
    let text = entry.line.leaves ?? entry.line.value
    guard let numbers = Snapshot.numbers(in: text), numbers.count == shape.count else {
      return .unreadable("expected \(shape.count) numbers, found '\(text)'")
    }
    return .known(.boolean(numbers.isAscending))
  }
}
