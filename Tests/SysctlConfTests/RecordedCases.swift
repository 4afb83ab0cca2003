import Facts
import Foundation
import Support
import SysctlConf
import Testing

/// One recorded run of one program on one set of files (Tests/Fixtures/sysctl-cases.json).
struct RecordedCase: Decodable, Sendable {
  var name: String
  var implementation: String
  var versions: [String]
  var files: [String: Content]
  var effective: [String: String?]
  var exit: Exit
  var interface: String?
  var baseline: [String: String]?
  var environment: String?
  var errors: [Problem]

  struct Problem: Decodable, Sendable {
    var kind: String
    var path: String?
    var key: String?
    var line: Int?
    var errno: String?
  }

  /// A number, or `timeout` for a program that waits.
  enum Exit: Decodable, Sendable, Equatable {
    case status(Int32)
    case timeout

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self = (try? container.decode(Int32.self)).map { .status($0) } ?? .timeout
    }
  }

  enum Content: Decodable, Sendable {
    case bytes([UInt8])
    case node(FileTree.Node)

    private struct Object: Decodable {
      var link: String?
      var dir: Bool?
      var fifo: Bool?
      var base64: String?
      var generate: Generated?
    }

    private struct Generated: Decodable {
      var prefix: String
      var char: String
      var count: Int
      var suffix: String
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .bytes(Array(text.utf8))
        return
      }
      let object = try container.decode(Object.self)
      if let target = object.link {
        self = .node(.link(target))
      } else if object.dir != nil {
        self = .node(.folder)
      } else if object.fifo != nil {
        self = .node(.pipe)
      } else if let data = object.base64.flatMap({ Data(base64Encoded: $0) }) {
        self = .bytes(Array(data))
      } else if let made = object.generate {
        let middle = String(repeating: made.char, count: made.count)
        self = .bytes(Array((made.prefix + middle + made.suffix).utf8))
      } else {
        throw FixtureFailure("expected a file, link, folder, pipe or bytes")
      }
    }
  }
}

/// A case and the version of the program that it is about.
struct LoaderCase: Sendable, CustomTestStringConvertible {
  var recorded: RecordedCase
  var version: String
  var loader: Loader
  var invocation: Invocation

  var testDescription: String {
    "\(recorded.name), \(recorded.implementation), \(version)"
  }

  private struct Document: Decodable {
    var baseline: [String: String]
    var cases: [RecordedCase]
  }

  private static let document: Document = {
    let url = Fixtures.folder.appending(path: "sysctl-cases.json")
    let data = (try? Data(contentsOf: url)) ?? Data()
    return (try? JSONDecoder().decode(Document.self, from: data))
      ?? Document(baseline: [:], cases: [])
  }()

  static let all: [LoaderCase] = document.cases.flatMap { recorded in
    recorded.versions.compactMap { version in
      guard let loader = loader(recorded.implementation, version),
        let invocation = invocation(recorded)
      else { return nil }
      return LoaderCase(
        recorded: recorded, version: version, loader: loader, invocation: invocation)
    }
  }

  static var recordCount: Int { document.cases.reduce(0) { $0 + $1.versions.count } }

  private static func loader(_ implementation: String, _ version: String) -> Loader? {
    if implementation.hasPrefix("systemd") {
      return Int(version).flatMap { Loader.Systemd(rawValue: $0) }.map { .systemd($0) }
    }
    if implementation.hasPrefix("busybox") { return .alpine }
    return Loader.Procps(rawValue: version).map { .procps($0) }
  }

  private static func invocation(_ recorded: RecordedCase) -> Invocation? {
    let only = recorded.files.keys.filter { $0.hasPrefix("/etc/sysctl.d/") }.sorted()
    switch recorded.implementation {
    case "procps sysctl --system", "systemd-sysctl", "busybox sysctl, Alpine OpenRC loop":
      return .system
    case "procps sysctl -p FILE", "systemd-sysctl FILE", "busybox sysctl -p FILE":
      return Invocation(files: only)
    case "sysctl -e -p FILE": return Invocation(files: only, ignoresUnknownKeys: true)
    case "sysctl -p /etc/sysctl.d/*.conf (quoted)":
      return Invocation(files: ["/etc/sysctl.d/*.conf"])
    case "sysctl -p /etc/nope.conf": return Invocation(files: ["/etc/nope.conf"])
    case "sysctl -r fin_timeout --system": return Invocation(pattern: "fin_timeout")
    case "systemd-sysctl --strict": return Invocation(isStrict: true)
    default: return nil
    }
  }

  /// The machine of the recordings has /lib as a link to usr/lib.
  var files: FileTree {
    var tree = FileTree(["/lib": .link("usr/lib"), "/usr/lib": .folder])
    for (path, content) in recorded.files {
      switch content {
      case .bytes(let bytes): tree[path] = .file(bytes)
      case .node(let node): tree[path] = node
      }
    }
    return tree
  }

  /// A private network namespace of Linux 6.18 at HZ 250 with reno, cubic and bbr built in, of
  /// which cubic may not be chosen there.
  var kernel: KernelTree {
    var values = Self.document.baseline
    for (key, value) in recorded.baseline ?? [:] { values[key] = value }
    if recorded.interface == nil { values["net/ipv4/conf/eth0.100/rp_filter"] = nil }
    var tree = KernelTree()
    for (path, value) in values {
      tree[path] = KernelTree.Key(text: value, kind: Self.kind(of: path, value))
    }
    tree["net/ipv4/tcp_available_congestion_control"] = KernelTree.Key(
      text: "reno cubic bbr", kind: .text, isWritable: false)
    tree.markWhole("")
    tree.isMountedReadOnly = recorded.environment == "ro-proc-sys"
    return tree
  }

  private static func kind(of path: String, _ value: String) -> KeyKind {
    switch path {
    case "net/ipv4/tcp_fin_timeout", "net/ipv4/tcp_keepalive_time", "net/ipv4/tcp_keepalive_intvl":
      .numbers(count: 1, range: -8589934...8589934)
    case "net/ipv4/tcp_keepalive_probes", "net/ipv4/tcp_syncookies":
      .numbers(count: 1, range: 0...255)
    case "net/ipv4/tcp_rmem": .numbers(count: 3, range: 1...Int64(Int32.max))
    case "net/core/somaxconn": .numbers(count: 1, range: 0...Int64(Int32.max))
    case "net/ipv4/tcp_congestion_control":
      .name(
        .congestionControl(
          available: ["reno", "cubic", "bbr"], allowed: ["reno", "bbr"], isInitial: false))
    default: KeyKind(of: path, showing: value)
    }
  }
}
