public import Facts
import Glibc

/// What was read of the counters' files.
public struct Counters: Equatable, Sendable {
  /// Every number by its name.
  public var table = CounterTable()
  /// Files that are missing, and lines that are not what we know.
  public var gaps: [Gap] = []
}

extension HostFS {
  /// One of the files, in the folder of a network namespace, with how it is laid out and the groups
  /// of counters in it.
  struct CounterSource {
    var file: String
    var layout: CounterFile.Layout
    var groups: [String]
  }

  /// The folder of the calling thread's network namespace.
  ///
  /// /proc/net is that of the process's first thread; kernels before 3.17 have no other, and no
  /// recorded tree has.
  var namespaceFolder: String {
    let own = "proc/thread-self/net"
    let isThere = unsafe access(path(own), F_OK) == 0
    return isLive && isThere ? own : "proc/net"
  }

  static let counterSources = [
    CounterSource(file: "snmp", layout: .headed, groups: ["Tcp"]),
    CounterSource(file: "netstat", layout: .headed, groups: ["TcpExt", "MPTcpExt"]),
    CounterSource(file: "sockstat", layout: .labelled("sockstat"), groups: ["sockstat"]),
    CounterSource(file: "sockstat6", layout: .labelled("sockstat6"), groups: ["sockstat6"]),
  ]

  /// Every number of /proc/net/snmp, netstat, sockstat and sockstat6, by the names in the files.
  ///
  /// A counter that a new kernel adds is there without a new release of ours. A line that is not as
  /// expected leaves out that line's numbers and says so.
  public func counters() -> Counters {
    let folder = namespaceFolder
    return counters(after: Counters()) { source throws(Failure) in
      try bytes("\(folder)/\(source.file)")
    }
  }

  /// The same after an earlier reading, by another way to the files' bytes.
  func counters(
    after earlier: Counters, reading bytes: (CounterSource) throws(Failure) -> [UInt8]
  ) -> Counters {
    var counters = Counters()
    var values = CounterTable.Builder(after: earlier.table)
    for source in Self.counterSources {
      do {
        add(try bytes(source), of: source, to: &counters, &values)
      } catch {
        for group in source.groups {
          counters.table.missing[group] = Absence(
            error.isAbsent ? .absent : .unreadable, "\(error.path): \(error.reason)")
        }
        // A kernel without IPv6 has no sockstat6; that is no gap.
        if !(error.isAbsent && source.file.hasSuffix("6")) {
          counters.gaps.append(Gap(error.path, error.reason))
        }
      }
    }
    counters.table = values.table(missing: counters.table.missing)
    return counters
  }

  private func add(
    _ bytes: [UInt8], of source: CounterSource, to counters: inout Counters,
    _ values: inout CounterTable.Builder
  ) {
    let path = path("proc/net/\(source.file)")
    guard !bytes.isEmpty else {
      for group in source.groups {
        counters.table.missing[group] = Absence(.unreadable, "\(path) is empty")
      }
      counters.gaps.append(Gap(path, "expected counters, found an empty file"))
      return
    }
    var parser = CounterFile(bytes, source.layout)
    parser.parse(into: &values)
    for failure in parser.failures {
      let reason = failure.reason
      counters.gaps.append(Gap(path, reason))
      // A line that cannot be told may have held any counter that was not found.
      for name in failure.name.map({ [$0] }) ?? source.groups
      where counters.table.missing[name] == nil {
        counters.table.missing[name] = Absence(.unreadable, "\(path): \(reason)")
      }
    }
  }
}
