import Apply
import Audit
import Facts
import HostFS
import Rendering
import SysctlConf

/// What would set the keys of a plan to something else: later files, and programs that write them.
struct Overriding {
  private let preparation: Preparation
  /// The plan's file.
  private let path: String

  init(_ preparation: Preparation, _ path: String) {
    self.preparation = preparation
    self.path = path
  }

  /// One sentence for each key and whoever sets it otherwise.
  func warnings(about plan: Plan, _ file: Wish.File?) -> [String] {
    namespaceWarning(file) + fileWarnings(plan, file) + writerWarnings(plan)
  }

  private func namespaceWarning(_ file: Wish.File?) -> [String] {
    guard file != nil, preparation.audit.snapshot.host.initialNamespace.value == false else {
      return []
    }
    return [
      "\(path) is read at boot, by whatever boots with these files, for the network namespace it then"
        + " has: where this one is made later, --runtime-only and set the keys where it is made"
    ]
  }

  private func fileWarnings(_ plan: Plan, _ file: Wish.File?) -> [String] {
    let snapshot = preparation.audit.snapshot
    guard let file, snapshot.files.value != nil,
      let report = FileGathering(files: HostFS(), catalogue: preparation.catalogue)
        .summary(
          snapshot, as: (path, OwnedText.stamped(transaction: OwnedText.patch, body: file.after)))
    else { return [] }
    var warnings: [String] = []
    for change in plan.writes {
      guard let key = report.keys.first(where: { $0.name == change.key.name }) else { continue }
      let losers = [
        (report.boot, "at the next boot"), (report.system, "after 'sysctl --system'"),
      ].compactMap { loader, when -> (FilesReport.Outcome, String)? in
        guard let outcome = key.loaders[loader], let effective = outcome.effective,
          !Self.isSame(effective, change.target)
        else { return nil }
        return (outcome, when)
      }
      for (index, (outcome, when)) in losers.enumerated() {
        // The same line twice is told once.
        if index > 0, losers[0].0.source == outcome.source { continue }
        let both = losers.count == 2 && losers[0].0.source == losers[1].0.source
        warnings.append(
          "\(change.key): \(outcome.source) sets it to \(outcome.value)"
            + " \(both ? "\(losers[0].1) and \(losers[1].1)" : when), over \(path)")
      }
    }
    return warnings
  }

  private func writerWarnings(_ plan: Plan) -> [String] {
    preparation.audit.snapshot.writers.compactMap { writer in
      let keys = plan.writes.map(\.key).filter(writer.writes)
      guard !keys.isEmpty else { return nil }
      return "\(writer.name) runs here (\(writer.seenAt)) and may write"
        + " \(keys.map(\.name).joined(separator: ", "))"
    }
  }

  private static func isSame(_ one: String, _ other: String) -> Bool {
    FilesReport.Key.words(one) == FilesReport.Key.words(other)
  }
}
