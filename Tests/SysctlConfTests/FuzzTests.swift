import Facts
import Foundation
import SysctlConf
import Testing

/// Random and mutated input for every parser, as many rounds as TCPTUNE_FUZZ says.
///
///     TCPTUNE_FUZZ=10000000 swift test -c release --filter Fuzz
///
/// Nothing may trap, and what must hold of every input is tried. TCPTUNE_SEED repeats a run.
@Suite struct FuzzTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["TCPTUNE_FUZZ"].flatMap { Int($0) } ?? 500
  private static let seed =
    ProcessInfo.processInfo.environment["TCPTUNE_SEED"].flatMap { UInt64($0) }
    ?? UInt64.random(in: 0...0xffff_ffff)

  /// The content of round N, and a generator that goes on from there.
  private func each(_ body: ([UInt8], inout RandomFiles) -> Bool) {
    for round in 0..<UInt64(Self.rounds) {
      var random = RandomFiles(seed: Self.seed &+ round)
      let bytes = random.content()
      guard body(bytes, &random) else {
        Issue.record("TCPTUNE_SEED=\(Self.seed &+ round): \(bytes.shown)")
        return
      }
    }
  }

  @Test func fuzzConfFile() {
    each { bytes, _ in ConfFile(parsing: bytes).bytes == bytes }
  }

  @Test func fuzzPathText() {
    each { bytes, _ in PathText.bytes(of: PathText.text(of: bytes)) == bytes }
  }

  @Test func fuzzKernelArguments() {
    each { bytes, _ in
      let line = Array("a sysctl.x=1 ".utf8) + bytes
      return KernelArguments(parsing: line).values.first?.path == "x"
    }
  }

  /// What a key shows after one write is taken when it is written again.
  @Test func fuzzKernelWrite() {
    let kinds: [KeyKind] = [
      .numbers(count: 1, range: KeyKind.int32), .numbers(count: 3, range: 1...100_000), .portRange,
      .portList, .firstFreePort, .text,
    ]
    each { bytes, random in
      let kind = kinds[random.number(0, kinds.count - 1)]
      let text = random.chance(2) ? bytes : random.value()
      let write = kind.write(text, over: "30000\t40000\t50000")
      guard let value = write.value, write.outcome != .refused, !text.isEmpty else { return true }
      let again = kind.write(Array(value.utf8) + [0x0a], over: value)
      return again.value == value || kind == .firstFreePort || kind == .text
    }
  }

  @Test func fuzzLoaders() {
    var keys = KernelTree()
    for (path, text) in [
      ("net/ipv4/tcp_fin_timeout", "60"), ("net/ipv4/tcp_rmem", "1\t2\t3"),
      ("net/ipv4/ip_local_port_range", "32768\t60999"), ("net/ipv4/conf/lo/rp_filter", "0"),
      ("net/ipv4/conf/eth0.100/rp_filter", "0"), ("net/ipv4/ip_local_reserved_ports", ""),
    ] {
      keys[path] = KernelTree.Key(text: text, kind: KeyKind(of: path, showing: text))
    }
    keys.markWhole("")
    let known = Set(keys.paths)
    let loaders =
      Loader.Systemd.allCases.map { Loader.systemd($0) }
      + Loader.Procps.allCases.map { .procps($0) } + [.alpine]
    each { _, random in
      let files = FileTree(random.set())
      let loader = loaders[random.number(0, loaders.count - 1)]
      let run = loader.run(files, over: keys)
      _ = FileFaults.all(in: files)
      // No key comes or goes, and a line that took effect is one of a file that was opened.
      return Set(run.tree.paths) == known
        && run.actions.allSatisfy { !$0.tookEffect || run.files.contains($0.place.file) }
    }
  }
}
