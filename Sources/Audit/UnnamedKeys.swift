import Expressions
import Facts
import Pages

extension SnapshotFacts {
  /// Keys whose running value is not what this kernel chooses itself, as far as that is known for
  /// certain.
  ///
  /// Silent where the default is unknown, depends on the memory that the kernel found at boot, on
  /// another key, which may be changed too, or on what the kernel does not tell. Distributors may have taken a later release's default into an older one,
  /// or kept an earlier one: under such a kernel no release's default is called changed.
  ///
  /// - Parameters:
  ///   - named: keys that files name, which are told with their lines.
  ///   - isKept: whether to look at a key at all.
  /// - Returns: the keys, sorted.
  func changedKeys(
    except named: Set<String>, where isKept: (SysctlKey) -> Bool = { _ in true }
  ) -> [FilesReport.Unnamed] {
    guard let release = snapshot.host.release.value else { return [] }
    let machine = SnapshotFacts(
      Snapshot(host: snapshot.host), tunables: tunables, hasQueues: false)
    return tunables.keys.compactMap { key in
      // Of most keys no more of the page is read than that their value is the default.
      guard let running = snapshot.tunables[key]?.value,
        !tunables.isPlainDefault(running, of: key, release), isKept(key),
        let shape = tunables.shape(of: key), shape.form == .numbers,
        let numbers = numbers(of: key, shape).value,
        let formulas = tunables.defaultValue(of: key),
        let standard = machine.defaultNumbers(formulas, shape).value, standard != numbers,
        !named.contains(key.name), let tunable = tunables[key],
        !isDefaultApproximate(of: tunable),
        !release.isVendorKernel || !isDefaultOfSomeRelease(numbers, tunable)
      else { return nil }
      return FilesReport.Unnamed(
        key: key, running: running, standard: standard.map(String.init).joined(separator: " "))
    }
  }

  private func isDefaultOfSomeRelease(_ numbers: [Int64], _ tunable: Tunable) -> Bool {
    tunable.defaultValue.cases.contains { standard in
      guard let expressions = standard.value else { return true }
      return self.numbers(of: expressions, tunable).value == numbers
    }
  }
}

extension FilesReport {
  /// Whether every line of every file was seen, so that a key without a line has none.
  var knowsEveryLine: Bool {
    let names = Set(keys.map(\.name))
    // Of a key with many lines some are left out, and the key is named all the same.
    return gaps.allSatisfy { names.contains($0.what) }
      && !problems.contains {
        ["unread", "too-many", "special-file", "blocks-loader"].contains($0.kind)
      }
  }
}
